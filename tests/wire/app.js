// What a handler can do with the answer of an upstream, by path; the rest of the path goes upstream.
const handlers = {
  pass: (response) => response,
  renamed: (response) => new Response(response.body, response),
  async text(response) {
    return new Response(await response.text(), response);
  },
  clone: (response) => response.clone(),
  tee: (response) => new Response(response.body.tee()[1], response),
  piped: (response) => new Response(response.body.pipeThrough(new TransformStream()), response),
  status: (response) => new Response(`${response.status} ${response.statusText}`),
};

const own = {
  phrase: () => new Response("own", { status: 299, statusText: "Foo Bar" }),
  unnamed: () => new Response("own", { status: 299 }),
  stalls: () => new Response(new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("piece"));
    },
  })),
  throws: () => new Response(new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("piece"));
    },
    pull() {
      throw new Error("in the middle");
    },
  })),
  text: () => new Response(new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("piece"));
      controller.enqueue("no bytes");
    },
  })),
  iterable: () => new Response((async function* () {
    yield new TextEncoder().encode("one ");
    yield new TextEncoder().encode("two");
  })()),
  async timers() {
    let fired = 0;
    await Promise.all(Array.from({ length: 9000 }, () => new Promise((resolve) => {
      setTimeout(() => {
        fired += 1;
        resolve();
      });
    })));
    return new Response(`${fired}`);
  },
};

export default {
  async fetch(request, env) {
    const [, what, rest] = new URL(request.url).pathname.split("/");
    if (what === "own") return own[rest]();
    if (what === "many") {
      const responses = await Promise.all(Array.from({ length: 100 }, () => fetch(`${env.ORIGIN}/plain`)));
      const texts = await Promise.all(responses.map((response) => response.text()));
      return new Response(`${texts.filter((text) => text === "plain").length}`);
    }
    if (what === "send") {
      return fetch(`${env.ORIGIN}/echo`, { method: rest });
    }
    return handlers[what](await fetch(`${env.ORIGIN}/${rest}`, { method: request.method }));
  },
};
