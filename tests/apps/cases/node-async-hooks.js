// AsyncLocalStorage over everything that can make code run later, one hundred tasks at once.
import { AsyncLocalStorage, AsyncResource, executionAsyncId } from 'node:async_hooks';

const storage = new AsyncLocalStorage();
const other = new AsyncLocalStorage();
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const settled = Promise.resolve('settled');
let shared;
const target = new EventTarget();
target.addEventListener('ask', event => event.answers.push(storage.getStore()));

async function task(id) {
  const seen = [];
  const look = () => seen.push(storage.getStore());
  look();
  await null;
  look();
  await settled;
  look();
  await shared;
  look();
  await pause(id % 3);
  look();
  await { then: resolve => { look(); resolve(); } };
  look();
  await settled.then(look);
  await pause(0).then(look).finally(look);
  await pause(0).then(() => { throw new Error('x'); }).catch(look);
  await new Promise(resolve => queueMicrotask(() => { look(); resolve(); }));
  await new Promise(resolve => setTimeout((a, b) => { look(); resolve(a + b); }, 1, 2, 3));
  const event = new Event('ask');
  event.answers = [];
  target.dispatchEvent(event);
  seen.push(...event.answers);
  const stream = new ReadableStream({ start(c) { look(); c.enqueue(1); }, async pull(c) { await null; look(); c.close(); } });
  for await (const chunk of stream) look(chunk);
  async function* numbers() { look(); yield 1; await null; look(); yield 2; }
  for await (const number of numbers()) { look(number); await null; }
  await Promise.all([1, 2].map(async () => { await pause(0); look(); }));
  await Promise.race([pause(5), pause(0)]);
  look();
  await other.run(`other ${id}`, async () => { await null; seen.push(other.getStore() === `other ${id}`); look(); });
  seen.push(other.getStore());
  await storage.exit(async () => { look(); await null; look(); });
  await storage.run('inner', async () => { await pause(0); look(); });
  look();
  const set = new Set(seen.filter(value => value !== id));
  return [seen.filter(value => value === id).length, [...set]];
}

function basics() {
  const results = [storage.getStore(), executionAsyncId() >= 0];
  const bind = storage.run('bound', () => AsyncLocalStorage.bind(function (x) { return [this?.me, x, storage.getStore()]; }));
  const snapshot = storage.run('snapshot', () => AsyncLocalStorage.snapshot());
  const resource = storage.run('resource', () => new AsyncResource('TEST'));
  results.push(bind.call({ me: 1 }, 2), snapshot((...args) => [...args, storage.getStore()], 3, 4));
  results.push(resource.runInAsyncScope(function (a) { return [this.me, a, storage.getStore()]; }, { me: 5 }, 6));
  results.push(resource.bind((a, b) => storage.getStore()).length, storage.getStore());
  results.push(storage.run(1, () => storage.run(2, () => storage.getStore()) + storage.getStore()));
  try {
    storage.run(1, () => { throw new Error('thrown'); });
  } catch (error) {
    results.push(error.message, storage.getStore());
  }
  results.push(storage.run(undefined, () => storage.getStore()), storage.run(null, () => storage.getStore()));
  return results;
}

async function entered() {
  const own = new AsyncLocalStorage();
  const inner = async () => { own.enterWith('entered'); await null; return own.getStore(); };
  const before = own.getStore();
  const within = await own.run('outer', async () => [await inner(), own.getStore()]);
  return [before, within[0], own.getStore()];
}

export default {
  async fetch() {
    shared = pause(1);
    const tasks = await Promise.all(Array.from({ length: 100 }, (_, id) => storage.run(id, task, id)));
    const counts = new Set(tasks.map(([count]) => count));
    const leaked = new Set(tasks.flatMap(([, others]) => others).filter(value => typeof value === 'number'));
    return Response.json([basics(), await entered(), [...counts].length === 1, [...leaked], tasks[7], storage.getStore() ?? null]);
  },
};
