// Schemes that need no network: https://fetch.spec.whatwg.org/#scheme-fetch
import { Body } from '../body/body.js';
import { createResponse, setStatusText } from '../response/response.js';

export function fetchLocal(url, method) {
  if (url.startsWith('data:')) {
    const type = host.dataUrlType(url);
    const bytes = type === null ? null : host.dataUrlBytes(url);
    if (bytes === null) throw new TypeError('fetch: the data: URL is not well formed');
    const body = method === 'HEAD' ? null : new Body(bytes, null);
    const response = createResponse(200, ['content-type', type], body, [url]);
    setStatusText(response, 'OK');
    return response;
  }
  if (url === 'about:blank') {
    return createResponse(200, ['content-type', 'text/html;charset=utf-8'], new Body('', null), [url]);
  }
  throw new TypeError(`fetch: cannot fetch '${url}': only http, https, data`);
}
