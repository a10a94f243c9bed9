// The inspector's package looks at every global object of the language when it is evaluated, and this engine is built
// without shared memory. Empty stand-ins are there while it looks; `format.js` removes them.

export const standIns = ['Atomics', 'SharedArrayBuffer'].filter((name) => !(name in globalThis));

for (const name of standIns) globalThis[name] = class {};
