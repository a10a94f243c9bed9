// A command: what it does is its first argument.
export async function main(args, { env, stdin, stdout }) {
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
      console.log(JSON.stringify(env));
      return;
    case "copy":
      await stdin.pipeTo(stdout);
      return;
    case "lines": {
      let lines = 0;
      for await (const text of stdin.pipeThrough(new TextDecoderStream())) lines += text.split("\n").length - 1;
      console.log(lines);
      return;
    }
    case "text":
      await stdout.getWriter().write("not bytes");
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
