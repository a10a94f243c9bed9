// What packages do with stacks, what the console shows of errors and promises, and streams that show nothing of their insides.
function thrower() {
  return new TypeError("the message");
}

const shape = (stack) => stack.split("\n").map((line) => line.replace(/\([^()]*:\d+:\d+\)/, "(FILE:LINE:COLUMN)")).slice(0, 2);

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/stack") {
      const { stack } = thrower();
      return Response.json({ head: shape(stack), builtin: stack.includes("builtin:") });
    }
    if (pathname === "/capture") {
      const target = { name: "Custom", toString: () => "Custom: text" };
      function above() {
        Error.captureStackTrace(target, above);
      }
      above();
      return Response.json({ first: shape(target.stack), hidden: !target.stack.includes("above") });
    }
    if (pathname === "/limit") {
      const before = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
      const none = thrower().stack;
      Error.stackTraceLimit = before;
      return Response.json({ before, none });
    }
    if (pathname === "/prepare") {
      Error.prepareStackTrace = (error, sites) => [error.message, sites[0].getFunctionName(), typeof sites[0].getLineNumber()];
      const { stack } = thrower();
      Error.prepareStackTrace = undefined;
      return Response.json(stack);
    }
    if (pathname === "/console") {
      console.log([Promise.resolve(1), Promise.reject(new RangeError("no")).catch(() => 2), new Promise(() => {})]);
      console.table([{ a: 1, b: "é" }]);
      const error = new Error("with code");
      error.code = "E_CODE";
      error.stack = "";
      console.log(error);
      return new Response("logged");
    }
    if (pathname === "/proxy") {
      const first = new Request("http://a/", { method: "POST", body: "text" });
      const second = new Request(first);
      return Response.json([first.bodyUsed, first.body.locked, await second.text()]);
    }
    const duplex = new Request("http://a/", { method: "POST", body: new ReadableStream() });
    return Response.json([duplex.duplex, typeof globalThis.location]);
  },
};
