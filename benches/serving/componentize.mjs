// componentize.mjs PACKAGES SOURCE OUTPUT: makes a component of StarlingMonkey and an application.
import { cp, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, source, output] = process.argv.slice(2);
const entry = join(packages, "@bytecodealliance/componentize-js/src/componentize.js");
const { componentize } = await import(pathToFileURL(entry));
const wit = await mkdtemp(join(tmpdir(), "wit-"));
await cp(join(packages, "@bytecodealliance/jco/lib/wit/builtin/0.2.12"), join(wit, "deps"), { recursive: true });
// The engine was built for an older version, which differs in its name only.
for (const file of await readdir(wit, { recursive: true })) {
  if (!file.endsWith(".wit")) continue;
  const text = await readFile(join(wit, file), "utf8");
  await writeFile(join(wit, file), text.replaceAll("@0.2.12", "@0.2.10"));
}
await writeFile(join(wit, "world.wit"), "package bench:app;\nworld app {\n  export wasi:http/incoming-handler@0.2.10;\n}\n");
const { component } = await componentize(await readFile(source, "utf8"), { witPath: wit, worldName: "app" });
await writeFile(output, component);
