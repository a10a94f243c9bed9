export default { fetch: () => new Response('from a folder') };
