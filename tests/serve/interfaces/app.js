// Instances of interfaces have no own enumerable properties but those the standard gives, and show in the console by their
// attributes. An instance of each interface that can have one.
const { signal } = new AbortController();
const transform = new TransformStream();
const instances = [
  new ReadableStream(), new ReadableStream({ type: "bytes" }), new WritableStream(), transform, transform.readable, transform.writable,
  new ReadableStream().getReader(), new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" }), new WritableStream().getWriter(),
  new CountQueuingStrategy({ highWaterMark: 1 }), new ByteLengthQueuingStrategy({ highWaterMark: 1 }), new Response("x"), new Response("x").body,
  new Request("http://x/", { method: "POST", body: "x" }), new Headers({ a: "b" }), new URL("http://x/?a=b"), new URLSearchParams("a=b"),
  new URLPattern({ pathname: "/a" }), new AbortController(), signal, new Blob(["x"]), new File(["x"], "n"), new FormData(), new FileReader(),
  new EventTarget(), new TextEncoder(), new TextDecoder(), new TextEncoderStream(), new TextDecoderStream(), new CompressionStream("gzip"),
  new DecompressionStream("gzip"), new MessageChannel(), new MessageChannel().port1, new DOMException("message", "Name"),
  performance, crypto, crypto.subtle, navigator, scheduler,
];
const controllers = [];
new ReadableStream({ start(c) { controllers.push(c); } });
new ReadableStream({ type: "bytes", start(c) { controllers.push(c); } });
new WritableStream({ start(c) { controllers.push(c); } });
new TransformStream({ start(c) { controllers.push(c); } });
const events = [new Event("x"), new CustomEvent("x"), new ErrorEvent("error"), new MessageEvent("message")];

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/console") {
      console.log(new ReadableStream(), new WritableStream(), new TransformStream(), controllers[0]);
      return new Response("logged");
    }
    const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
    const all = [...instances, ...controllers, key, request, request.headers];
    const odd = all.filter((one) => Object.keys(one).length > 0).map((one) => [one.constructor.name, Object.keys(one)]);
    // [LegacyUnforgeable]: https://dom.spec.whatwg.org/#dom-event-istrusted
    const ofEvents = new Set(events.flatMap((one) => Object.keys(one)));
    return Response.json({
      instances: all.length, interfaces: new Set(all.map((one) => one.constructor.name)).size, odd, ofEvents: [...ofEvents],
      json: JSON.stringify({ body: new Response("x").body }), date: new Date(0).toString(),
      iterable: await new Response((async function* () { yield "ä"; yield new Uint8Array([33]); })()).text(),
    });
  },
};
