// Walks the hot paths before the base image is taken, so that inline caches and what is made lazily are part of it.
// The runtime has a made-up request ready, and drops the response.
import { dispatch, loaded } from './handler/handler.js';

const text = 'hello';

const handlers = [
  () => new Response(text),
  async () => new Response(text, { status: 200, headers: { 'content-type': 'text/html' } }),
  (request) => {
    const url = new URL(request.url);
    return Response.json({ path: url.pathname, query: url.searchParams.get('a'), host: request.headers.get('host') });
  },
  async (request, env, context) => {
    const headers = new Headers([['X-Warm-Up', request.method]]);
    headers.append('set-cookie', 'a=b');
    headers.set('cache-control', 'no-store');
    context.waitUntil(Promise.resolve());
    await null;
    return new Response(new TextEncoder().encode(`${[...headers].length}${[...request.headers.keys()].length}`), { headers });
  },
];

function listener(event) {
  event.respondWith(new Response(text));
}

function run(fetch) {
  loaded({ default: { fetch } });
  dispatch();
}

export function warmUp() {
  handlers.forEach(run);
  loaded({});
  addEventListener('fetch', listener);
  dispatch();
  removeEventListener('fetch', listener);
  const request = new Request('http://localhost/path?a=1', { method: 'POST', body: text, headers: { accept: '*/*' } });
  request.json().catch(() => {});
  new Response(text).text();
  new TextDecoder().decode(new Uint8Array(1));
  btoa(atob('aGVsbG8='));
}
