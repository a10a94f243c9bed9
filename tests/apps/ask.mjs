// ask.mjs CASE: prints what cases/CASE answers to GET / in Node.js. It is bundled by esbuild, which leaves packages alone,
// so that Node.js itself decides which of their files it takes.

import { build } from 'esbuild';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, outdir] = process.argv.slice(2);
const outfile = join(outdir, `${basename(file)}.${process.pid}.mjs`);
process.env.NODE_ENV = 'production';
await build({
  entryPoints: [file], outfile, bundle: true, format: 'esm', platform: 'node', packages: 'external', jsx: 'automatic', logLevel: 'error',
});
try {
  const { default: handler } = await import(pathToFileURL(outfile));
  const response = await handler.fetch(new Request('http://localhost/'), {}, {});
  process.stdout.write(await response.text());
} finally {
  await rm(outfile, { force: true });
}
process.exit(0);
