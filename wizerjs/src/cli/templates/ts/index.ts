// What stands here, outside of functions, happens once: when the application is built.
const started: string[] = ["Hello"];

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/") return Response.json({ missing: pathname }, { status: 404 });
    return new Response(`${env.GREETING ?? started[0]} from ${request.method} ${pathname}\n`);
  },
} satisfies ExportedHandler<Partial<Env>>;
