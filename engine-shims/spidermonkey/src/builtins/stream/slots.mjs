// slots.mjs PACKAGE: writes web-streams-polyfill with the slots of the standard, which the package keeps in properties named
// `_state` and the like, under symbols: applications see no properties that the standard does not have. Run by the build
// (toolchain.sh); the symbols are exported under the names that they have in the package.
import { readFileSync } from 'node:fs';

const source = readFileSync(process.argv[2], 'utf8');
const NAME = '_[A-Za-z]{3}[A-Za-z_]*';
const names = new Set();
let replaced = 0;
const note = (name) => {
  names.add(name);
  replaced += 1;
  return name;
};
const changed = source
  .replace(new RegExp(`\\.(${NAME})\\b`, 'g'), (_, name) => `[${note(name)}]`)
  .replace(new RegExp(`"(${NAME})"`, 'g'), (_, name) => note(name))
  .replace(new RegExp(`([{,])(${NAME}):`, 'g'), (_, before, name) => `${before}[${note(name)}]:`)
  .replace(new RegExp(`([};])(${NAME})\\(`, 'g'), (_, before, name) => `${before}[${note(name)}](`);
const all = source.match(new RegExp(`\\b${NAME}\\b`, 'g')).length;
if (all !== replaced) throw new Error(`${process.argv[2]}: the package has ${all - replaced} slots in another form`);
const symbols = [...names].sort().map((name) => `${name}=Symbol("${name.slice(1)}")`);
process.stdout.write(`export const ${symbols.join(',')};\n${changed}`);
