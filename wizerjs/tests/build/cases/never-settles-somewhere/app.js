import './lib.js';
await 1;
await new Promise(() => {});
