// Bodies are streams in both directions.
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/count") {
      let length = 0;
      for await (const chunk of request.body) length += chunk.length;
      return new Response(`${length}`);
    }
    if (pathname === "/tee") {
      const [one, two] = request.body.tee();
      return new Response(`${await new Response(one).text()}|${await new Response(two).text()}`);
    }
    const encoder = new TextEncoder();
    let n = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.enqueue(encoder.encode(`part ${++n}\n`));
        if (n === 3) controller.close();
      },
    }));
  },
};
