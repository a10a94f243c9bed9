export default { fetch: () => new Response("an application") };
