// What a handler can do with the answer of an upstream, by path; the rest of the path goes upstream.
const handlers = {
  pass: (response) => response,
};

const own = {
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
    if (what === "send") {
      return fetch(`${env.ORIGIN}/echo`, { method: rest });
    }
    return handlers[what](await fetch(`${env.ORIGIN}/${rest}`, { method: request.method }));
  },
};
