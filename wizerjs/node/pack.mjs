// pack.mjs PACKAGE: prints the modules of Node.js that applications can import, as JSON. PACKAGE is the unpacked
// @jspm/core, whose polyfills are for browsers; own/ has what stands in for those that would be too large or lack
// something. Run by pack.sh.
//
// { files: { name: source }, polyfills: { module: file }, exports: { module: [name] } }; the names are those of the
// Node.js that runs this, for polyfills and for modules that are refused.

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const browser = join(process.argv[2], 'nodelibs/browser');

const POLYFILLED = [
  'assert', 'assert/strict', 'constants', 'diagnostics_channel', 'events', 'os', 'path', 'path/posix', 'process',
  'punycode', 'querystring', 'stream', 'stream/promises', 'string_decoder', 'timers', 'timers/promises', 'url', 'util/types',
  'zlib',
];

const REFUSED = [
  'child_process', 'cluster', 'dgram', 'dns', 'dns/promises', 'domain', 'fs', 'fs/promises', 'http', 'http2',
  'https', 'inspector', 'module', 'net', 'readline', 'readline/promises', 'repl', 'tls', 'tty', 'v8', 'vm', 'worker_threads',
];

const files = {};
const polyfills = {};
const exports = {};

/** A file of the package and everything that it imports. */
function add(name) {
  if (name in files) return;
  files[name] = readFileSync(join(browser, name), 'utf8');
  for (const [, specifier] of files[name].matchAll(/\b(?:from|import)\s*\(?\s*["'](\.[^"']+\.js)["']/g)) {
    add(posix.join(posix.dirname(name), specifier));
  }
}

const require = createRequire(import.meta.url);
const names = module => Object.keys(require(`node:${module}`)).sort();

for (const module of POLYFILLED) {
  const file = `${module}.js`;
  add(file);
  polyfills[module] = file;
  exports[module] = names(module);
}
/** A file of own/ and everything that it requires. */
function addOwn(name) {
  if (name in files) return;
  files[name] = readFileSync(join(here, name), 'utf8');
  for (const [, specifier] of files[name].matchAll(/require\('(\.[^']+)'\)/g)) {
    const file = posix.join(posix.dirname(name), specifier);
    if (file.startsWith('own/')) addOwn(file);
    else add(file);
  }
}

// Folders there are parts of the module beside them.
for (const name of readdirSync(join(here, 'own')).filter((name) => name.endsWith('.js')).sort()) {
  const module = name.replace(/\.js$/, '').replace('-', '/');
  addOwn(`own/${name}`);
  polyfills[module] = `own/${name}`;
  exports[module] = names(module);
}
for (const module of REFUSED) exports[module] = names(module);

const sorted = object => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
process.stdout.write(JSON.stringify({ files: sorted(files), polyfills: sorted(polyfills), exports: sorted(exports) }));
