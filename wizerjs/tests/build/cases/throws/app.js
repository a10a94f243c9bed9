function inner() {
  throw new Error('boom', { cause: new TypeError('spark') });
}
function outer() { inner(); }
outer();
export default { fetch() {} };
