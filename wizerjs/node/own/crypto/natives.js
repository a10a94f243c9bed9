// What the engine has for this module.
module.exports = globalThis[Symbol.for('wizerjs.crypto')];
