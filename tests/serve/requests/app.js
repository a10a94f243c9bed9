// What the handler sees of a request.
export default {
  async fetch(request) {
    const body = await request.text();
    return new Response([
      request.method,
      new URL(request.url).pathname + new URL(request.url).search,
      [...request.headers].filter(([name]) => name.startsWith("x-")).map((pair) => pair.join("=")).join(";"),
      `${body.length} ${body}`,
      `${request.bodyUsed}`,
    ].join("\n"));
  },
};
