// The engine is WebAssembly itself and compiles none: the names are there, and what they do says why it cannot be done.
const EMPTY = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

async function outcome(action) {
  try {
    return `${await action()}`;
  } catch (error) {
    return `${error instanceof WebAssembly.CompileError} ${error.name}: ${error.message}`;
  }
}

const actions = {
  validate: () => WebAssembly.validate(EMPTY),
  compile: () => WebAssembly.compile(EMPTY),
  compileStreaming: () => WebAssembly.compileStreaming(new Response(EMPTY)),
  instantiate: () => WebAssembly.instantiate(EMPTY),
  instantiateStreaming: () => WebAssembly.instantiateStreaming(new Response(EMPTY)),
  Module: () => new WebAssembly.Module(EMPTY),
  Instance: () => new WebAssembly.Instance({}),
  Memory: () => new WebAssembly.Memory({ initial: 1 }),
  Table: () => new WebAssembly.Table({ initial: 1, element: "anyfunc" }),
  Global: () => new WebAssembly.Global({ value: "i32" }),
  Tag: () => new WebAssembly.Tag({ parameters: [] }),
  Exception: () => new WebAssembly.Exception(WebAssembly.JSTag, []),
  JSTag: () => WebAssembly.JSTag instanceof WebAssembly.Tag,
  errors: () => ["CompileError", "LinkError", "RuntimeError"].every((name) => {
    const error = new WebAssembly[name]("m", { cause: 1 });
    return error instanceof Error && error.name === name && error.message === "m" && error.cause === 1;
  }),
  namespace: () => `${Object.prototype.toString.call(WebAssembly)} ${typeof WebAssembly}`,
};

export default {
  async fetch() {
    const lines = [];
    for (const [name, action] of Object.entries(actions)) lines.push(`${name}: ${await outcome(action)}`);
    return new Response(lines.join("\n"));
  },
};
