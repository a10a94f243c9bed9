// Statuses, headers and bodies arrive as they were given.
const headers = new Headers([["X-Mixed-Case", "kept value"], ["set-cookie", "a=1"]]);
headers.append("set-cookie", "b=2");
headers.append("x-list", "one");
headers.append("x-list", "two");
const answers = {
  "/status": () => new Response(null, { status: 204 }),
  "/headers": () => new Response("with headers", { status: 201, headers }),
  "/json": () => Response.json({ a: [1, "zwei", null] }, { status: 202 }),
  "/redirect": () => Response.redirect("http://example.com/elsewhere", 303),
  "/bytes": () => new Response(new Uint8Array([104, 105])),
  "/utf8": () => new Response("grüße €"),
  "/params": () => new Response(new URLSearchParams({ q: "a b", r: "ü" })),
  "/empty": () => new Response(""),
};
export default {
  fetch: (request) => answers[new URL(request.url).pathname](),
};
