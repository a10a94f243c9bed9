// Walks the hot paths before the base image is taken, so that what they make lazily is part of it.

export function warmUp(round) {
  const headers = new Headers({ 'Content-Type': 'text/html', 'X-Warm-Up': String(round) });
  headers.append('set-cookie', 'a=b');
  headers.get('content-type');
  [...headers];
  const response = new Response('hello', { status: 200, headers });
  response.headers.set('cache-control', 'no-store');
  Response.json({ round });
  new Response(new Uint8Array(1));
  const request = new Request('http://localhost/path?a=1', { method: 'POST', body: 'text' });
  request.headers.get('host');
  const url = new URL(request.url);
  url.searchParams.get('a');
  `${url.pathname}${url.search}${url.hostname}`;
  new TextDecoder().decode(new TextEncoder().encode('text'));
  return Promise.all([response.text(), request.text()]);
}
