// The polyfill, and what it lacks.
const polyfill = require('../util.js');
const assert = require('../assert.js');

const util = polyfill.default ?? polyfill;

function isDeepStrictEqual(a, b) {
  try {
    (assert.default ?? assert).deepStrictEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

module.exports = { ...util, isDeepStrictEqual };
