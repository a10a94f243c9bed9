// The application as hosts of `fetch` handlers take it: ours, workerd, deno, bun, StarlingMonkey.
import { respond, type } from "application";

const headers = { "content-type": type };

export default {
  async fetch(request) {
    const body = request.method === "POST" ? await request.text() : "";
    return new Response(respond(body), { headers });
  },
};
