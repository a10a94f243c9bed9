// What specifications reject is rejected, with the exception that they name: each line is an expression and what became
// of it. A line that says "accepted" would be a defect.
const cases = {
  Blob: () => new Blob("not a sequence"),
  "Blob endings": () => new Blob([], { endings: "other" }),
  ByteLengthQueuingStrategy: () => new ByteLengthQueuingStrategy(),
  CompressionStream: () => new CompressionStream("zip"),
  CountQueuingStrategy: () => new CountQueuingStrategy(8),
  CryptoKey: () => new CryptoKey(),
  CustomEvent: () => new CustomEvent(),
  DecompressionStream: () => new DecompressionStream(),
  ErrorEvent: () => new ErrorEvent(),
  Event: () => new Event("x", 1),
  "Event dispatched": () => dispatchEvent({}),
  "Event dispatched twice": () => {
    let failure;
    const event = new Event("x");
    addEventListener("x", () => {
      try {
        dispatchEvent(event);
      } catch (error) {
        failure = error;
      }
    });
    dispatchEvent(event);
    throw failure;
  },
  File: () => new File([]),
  "FormData value": () => new FormData().append("a", "b", "name"),
  "Headers name": () => new Headers({ "a b": "c" }),
  "Headers value": () => new Headers({ a: "b\nc: d" }),
  "Headers character": () => new Headers({ a: "€" }),
  "Headers pair": () => new Headers([["a", "b", "c"]]),
  MessagePort: () => new MessagePort(),
  "MessagePort transfer": () => {
    const { port1 } = new MessageChannel();
    port1.postMessage(0, [port1]);
  },
  "Performance mark": () => performance.mark("x", { startTime: -1 }),
  "Performance measure": () => performance.measure("x", "no such mark"),
  PromiseRejectionEvent: () => new PromiseRejectionEvent("x"),
  ReadableStream: () => new ReadableStream({ type: "characters" }),
  "ReadableStream strategy": () => new ReadableStream({}, { highWaterMark: -1 }),
  "ReadableStream locked": () => {
    const stream = new ReadableStream();
    stream.getReader();
    stream.getReader();
  },
  Request: () => new Request("not absolute"),
  "Request credentials": () => new Request("http://user:password@localhost/"),
  "Request method": () => new Request("http://localhost/", { method: "GE T" }),
  "Request TRACE": () => new Request("http://localhost/", { method: "trace" }),
  "Request GET with body": () => new Request("http://localhost/", { body: "x" }),
  "Request stream without duplex": () => new Request("http://localhost/", { method: "POST", body: new ReadableStream() }),
  Response: () => new Response("", { status: 99 }),
  "Response null body": () => new Response("x", { status: 204 }),
  "Response text": () => new Response("", { statusText: "a\nb" }),
  "Response redirect": () => Response.redirect("http://localhost/", 200),
  "Response json": () => Response.json(undefined),
  "Response used": async () => {
    const response = new Response("x");
    await response.text();
    return response.text();
  },
  TextDecoder: () => new TextDecoder("no such encoding"),
  "TextDecoder fatal": () => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255])),
  TransformStream: () => new TransformStream({ readableType: "bytes" }),
  URL: () => new URL("http://[::1"),
  URLPattern: () => new URLPattern("(", "http://localhost"),
  URLSearchParams: () => new URLSearchParams([["a"]]),
  WritableStream: () => new WritableStream({ type: "bytes" }),
  "abort signal": () => AbortSignal.timeout(-1),
  atob: () => atob("a"),
  btoa: () => btoa("€"),
  "crypto quota": () => crypto.getRandomValues(new Uint8Array(65537)),
  "crypto type": () => crypto.getRandomValues(new Float32Array(1)),
  "crypto digest": () => crypto.subtle.digest("MD5", new Uint8Array()),
  "crypto key": () => crypto.subtle.importKey("raw", new Uint8Array(5), "AES-GCM", false, ["encrypt"]),
  "crypto usage": () => crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["sign"]),
  "crypto iv": async () => {
    const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-CBC", false, ["encrypt"]);
    await crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(1) }, key, new Uint8Array());
  },
  "inflate rubbish": () => inflate("gzip", [1, 2, 3]),
  "inflate nothing": () => inflate("deflate", []),
  "inflate more than one": () => inflate("deflate-raw", [3, 0, 9]),
  scheduler: () => scheduler.wait(1, { signal: AbortSignal.abort() }),
  "structuredClone function": () => structuredClone(() => {}),
  "structuredClone twice": () => {
    const buffer = new ArrayBuffer(1);
    structuredClone(buffer, { transfer: [buffer] });
    structuredClone(buffer, { transfer: [buffer] });
  },
  queueMicrotask: () => queueMicrotask("code"),
  setTimeout: () => setTimeout(),
};

function inflate(format, bytes) {
  const readable = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream(format));
  return new Response(readable).bytes();
}

export default {
  async fetch() {
    const lines = [];
    for (const [name, action] of Object.entries(cases)) {
      try {
        await action();
        lines.push(`${name}: accepted`);
      } catch (error) {
        lines.push(`${name}: ${error.name}: ${error.message}`);
      }
    }
    return new Response(lines.join("\n"));
  },
};
