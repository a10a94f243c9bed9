// A command: what it does is its first argument.
export async function main(args) {
  const [what, ...rest] = args;
  switch (what) {
    case "arguments":
      console.log(JSON.stringify(rest));
      return;
    case "exit":
      return Number(rest[0]);
    case "console":
      console.debug("debug");
      console.info("info\nin two lines");
      console.warn("warn");
      console.error("error");
      return;
    case "wait":
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log("waited");
      return 4;
    case "environment":
      console.log(JSON.stringify(globalThis.process?.env ?? null));
      return;
    case "throw":
      throw new TypeError("thrown");
    case "reject":
      return Promise.reject(new RangeError("rejected", { cause: new Error("the root") }));
    case "never":
      await new Promise(() => {});
      return;
    case "loop":
      for (;;);
    default:
      throw new Error(`no such thing: ${what}`);
  }
}
