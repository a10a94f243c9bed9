import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { z } from 'zod';

const t = initTRPC.create();
const router = t.router({
  greet: t.procedure.input(z.object({ name: z.string() })).query(({ input }) => ({ text: `hello ${input.name}` })),
  add: t.procedure.input(z.tuple([z.number(), z.number()])).mutation(({ input }) => input[0] + input[1]),
  fail: t.procedure.query(() => { throw new TRPCError({ code: 'NOT_FOUND', message: 'gone' }); }),
});

const ask = async (path, init) => {
  const response = await fetchRequestHandler({ endpoint: '/t', req: new Request(`http://x/t/${path}`, init), router, createContext: () => ({}) });
  const body = await response.json();
  // The stack is an engine's own.
  for (const part of [body].flat()) delete part.error?.data?.stack;
  return [response.status, body];
};

export default {
  async fetch() {
    return Response.json([
      await ask(`greet?input=${encodeURIComponent('{"name":"ä"}')}`),
      await ask('add', { method: 'POST', body: '[1,2]', headers: { 'content-type': 'application/json' } }),
      await ask('fail'),
      await ask('none'),
    ]);
  },
};
