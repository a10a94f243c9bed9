// node.cjs WAY SCRIPT PORT: the application in Node.js, in one of the ways in which requests are kept apart there.
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const vm = require("node:vm");

const [way, file, port] = process.argv.slice(2);
const source = fs.readFileSync(file, "utf8");
// What scripts look for when they load, and a bare context does not have.
const bare = `${fs.readFileSync(path.join(__dirname, "../javascript/prelude.js"), "utf8")}\n`;

const ways = {
  /** Nothing is new. */
  reused() {
    (0, eval)(source);
    return (body) => ({ type: globalThis.type, text: globalThis.respond(body) });
  },
  /** The globals are new: a context for each request, in the same heap, on the same thread. */
  context() {
    const script = new vm.Script(bare + source, { produceCachedData: true });
    const compiled = new vm.Script(bare + source, { cachedData: script.createCachedData() });
    return (body) => {
      const context = vm.createContext({ body, console });
      compiled.runInContext(context);
      return vm.runInContext("({ type, text: respond(body) })", context);
    };
  },
  /** The isolate is new: a worker thread for each request. */
  worker() {
    const { Worker } = require("node:worker_threads");
    const text = `${source}\nconst { parentPort, workerData } = require("node:worker_threads"); parentPort.postMessage({ type, text: respond(workerData) });`;
    return (body) =>
      new Promise((resolve, reject) => {
        const worker = new Worker(text, { eval: true, workerData: body });
        worker.once("message", (answer) => {
          resolve(answer);
          worker.terminate();
        });
        worker.once("error", reject);
      });
  },
  /** The isolate is new, from a snapshot in which the script has been evaluated. */
  isolate() {
    const ivm = require("isolated-vm");
    const snapshot = ivm.Isolate.createSnapshot([{ code: bare + source }]);
    return async (body) => {
      const isolate = new ivm.Isolate({ snapshot, memoryLimit: 128 });
      try {
        const context = await isolate.createContext();
        return { type: await context.eval("type"), text: await context.evalClosure("return respond($0)", [body]) };
      } finally {
        isolate.dispose();
      }
    };
  },
};

const answer = ways[way]();
http
  .createServer(async (request, response) => {
    let body = "";
    if (request.method === "POST") for await (const piece of request) body += piece;
    try {
      const { type, text } = way === "reused" || way === "context" ? answer(body) : await answer(body);
      response.setHeader("content-type", type);
      response.setHeader("content-length", Buffer.byteLength(text));
      response.end(text);
    } catch (error) {
      console.error(error);
      response.statusCode = 500;
      response.end(String(error));
    }
  })
  .listen(Number(port), "127.0.0.1");
