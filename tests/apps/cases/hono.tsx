/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { getCookie, setCookie } from 'hono/cookie';
import { sign, verify } from 'hono/jwt';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';

const Item = z.object({ name: z.string().min(2), count: z.number().int().positive() });

type Props = { title: string; items: string[] };
const Page = ({ title, items }: Props) => (
  <html>
    <body>
      <h1>{title}</h1>
      <ul>{items.map(item => <li key={item}>{item} &amp; more</li>)}</ul>
    </body>
  </html>
);

const app = new Hono();
app.get('/page', c => c.html(<Page title="Häuser" items={['a', 'b<']} />));
app.get('/cookie', c => {
  setCookie(c, 'seen', String(Number(getCookie(c, 'seen') ?? 0) + 1), { path: '/', httpOnly: true });
  return c.text('ok');
});
app.use('/admin/*', basicAuth({ username: 'u', password: 'p' }));
app.get('/admin/', c => c.text('admin'));
app.get('/jwt', async c => {
  const token = await sign({ sub: 'x', exp: 4102444800 }, 'secret', 'HS256');
  return c.json({ token, payload: await verify(token, 'secret', 'HS256') });
});
app.get('/sse', c => streamSSE(c, async stream => {
  for (let id = 0; id < 3; id++) await stream.writeSSE({ id: String(id), event: 'tick', data: `n${id}` });
}));
app.post('/items', async c => {
  const parsed = Item.safeParse(await c.req.json());
  return parsed.success ? c.json(parsed.data, 201) : c.json(parsed.error.issues, 400);
});

export default {
  async fetch() {
    const ask = async (path: string, init?: RequestInit) => {
      const response = await app.request(`http://x${path}`, init);
      return [path, response.status, response.headers.get('set-cookie'), await response.text()];
    };
    return Response.json([
      await ask('/page'),
      await ask('/cookie', { headers: { cookie: 'seen=4' } }),
      await ask('/admin/'),
      await ask('/admin/', { headers: { authorization: `Basic ${btoa('u:p')}` } }),
      await ask('/jwt'),
      await ask('/sse'),
      await ask('/items', { method: 'POST', body: '{"name":"ab","count":3}', headers: { 'content-type': 'application/json' } }),
      await ask('/items', { method: 'POST', body: '{"name":"a","count":-3}', headers: { 'content-type': 'application/json' } }),
      await ask('/nowhere'),
    ]);
  },
};
