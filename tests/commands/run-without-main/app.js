export default { fetch: () => new Response("no command") };
