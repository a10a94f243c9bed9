import { Hono } from 'hono';
import { contextStorage, getContext } from 'hono/context-storage';

const app = new Hono();
app.use(contextStorage());
app.use(async (context, next) => {
  context.set('name', context.req.query('name'));
  await next();
});

// What finds the request without being given it: after a settled promise, a timer, and a microtask.
const named = async () => {
  await null;
  await new Promise((resolve) => setTimeout(resolve, 1));
  return new Promise((resolve) => queueMicrotask(() => resolve(getContext().var.name)));
};

app.get('/one', async (context) => context.text(`${context.req.query('name')} ${await named()}`));
app.get('/', async (context) => {
  const names = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  const answers = await Promise.all(names.map(async (name) => (await app.request(`/one?name=${name}`)).text()));
  return context.json(answers);
});

export default app;
