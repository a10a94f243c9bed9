if (A + 1 !== 42 || B.c !== 'x') throw new Error('not replaced');
export default { fetch: () => new Response(`${A}`) };
