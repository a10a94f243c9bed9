const seen = [];
for (let i = 0; i < 300; i++) seen.push(Date.now());
export default { fetch() { return new Response(seen.join()); } };
