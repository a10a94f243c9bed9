// why: it brings WebAssembly, which the engine, being WebAssembly itself, cannot compile
// says: the engine is WebAssembly itself and cannot compile any
import satori from 'satori';

export default {
  fetch: async () => new Response(await satori({ type: 'div', props: { children: 'x' } }, { width: 10, height: 10, fonts: [] })),
};
