// What svelte's own build does: `wizerjs build` takes its result.
import { readFile, writeFile } from 'node:fs/promises';
import { compile } from 'svelte/compiler';

const source = await readFile('App.svelte', 'utf8');
await writeFile('App.svelte.js', compile(source, { generate: 'server', filename: 'App.svelte' }).js.code);
