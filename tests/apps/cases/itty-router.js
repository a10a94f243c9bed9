import { AutoRouter, error, json } from 'itty-router';

const router = AutoRouter();
router
  .get('/users/:id', ({ params, query }) => ({ id: params.id, query }))
  .get('/fail', () => error(418, 'teapot'))
  .all('*', () => json({ missing: true }, { status: 404 }));

export default {
  async fetch() {
    const ask = async path => {
      const response = await router.fetch(new Request(`http://x${path}`));
      return [response.status, await response.text()];
    };
    return Response.json([await ask('/users/7?a=1&a=2'), await ask('/fail'), await ask('/none')]);
  },
};
