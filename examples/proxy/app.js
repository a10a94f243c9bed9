// Forward a request to the origin named by the environment, and mark the response.
//
//     runner serve examples/proxy/app.js --env ORIGIN=http://127.0.0.1:9000
export default {
  async fetch(request, env) {
    if (!env.ORIGIN) return new Response("start me with --env ORIGIN=http://host:port\n", { status: 500 });
    const { pathname, search } = new URL(request.url);
    const answer = await fetch(new URL(pathname + search, env.ORIGIN), {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "manual",
      duplex: "half",
    });
    const response = new Response(answer.body, answer);
    response.headers.set("via", "1.1 proxy-example");
    return response;
  },
};
