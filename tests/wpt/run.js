// Runs one web-platform test inside a handler and answers with its results. The runner puts constants before this: the
// sources HARNESS (testharness.js), HELPERS and TEST, and PATH, the test's address with its query.

/** What tests find in every global of a browser: where they came from, and addresses relative to that. */
function setUp(base) {
  const { fetch } = globalThis;
  const { href, origin, protocol, host, hostname, port, pathname, search, hash } = new URL(PATH, base);
  globalThis.location = { href, origin, protocol, host, hostname, port, pathname, search, hash, toString: () => href };
  globalThis.GLOBAL = { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false };
  globalThis.fetch = (input, init) => fetch(typeof input === "string" ? new URL(input, href).href : input, init);
}

/** idlharness.js tells by this what it is in; testharness.js must not see it, or it would wait for a window's messages. */
function nameGlobal() {
  globalThis.DedicatedWorkerGlobalScope = Object.getPrototypeOf(globalThis).constructor;
}

/**
 * The test in the scope of its helpers, as their constants are seen by it, yet strict only if it says so itself. The
 * semicolon keeps a strict helper from making all of it so.
 */
function runTest() {
  (0, eval)(`;${HELPERS}\n;eval(${JSON.stringify(TEST)});`);
}

export default {
  fetch(request) {
    setUp(request.headers.get("wpt-origin"));
    (0, eval)(HARNESS);
    nameGlobal();
    return new Promise((resolve) => {
      let failure = null;
      add_completion_callback((tests, { status, message }) => {
        resolve(Response.json({
          harness: failure ?? (status === 0 ? null : `${status}: ${message}`),
          tests: tests.map((each) => [each.name, each.status, each.message]),
        }));
      });
      try {
        runTest();
      } catch (error) {
        failure = `${error}`;
        dispatchEvent(new ErrorEvent("error", { error, message: failure }));
        done();
      }
    });
  },
};
