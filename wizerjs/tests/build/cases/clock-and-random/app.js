const started = Date.now();
const id = Math.random();
const bytes = crypto.getRandomValues(new Uint8Array(4));
console.log(started, id < 1, bytes.length);
export default { fetch() {} };
