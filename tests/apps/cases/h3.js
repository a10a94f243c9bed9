import { H3, getQuery, readBody } from 'h3';

const app = new H3();
app.get('/q', event => ({ query: getQuery(event) }));
app.post('/echo', async event => ({ body: await readBody(event) }));
app.get('/hello/:name', event => `hello ${event.context.params.name}`);

export default {
  async fetch() {
    const ask = async (path, init) => {
      const response = await app.fetch(new Request(`http://x${path}`, init));
      return [response.status, await response.text()];
    };
    return Response.json([
      await ask('/q?a=1&b=%C3%A4'),
      await ask('/hello/you'),
      await ask('/echo', { method: 'POST', body: '{"a":[1,2]}', headers: { 'content-type': 'application/json' } }),
    ]);
  },
};
