// A line for each part of the platform that this runs on.
const lines = [];
const line = (name, value) => lines.push(`${name}: ${value}`);
export default {
  async fetch() {
    line("url", new URL("../b?x=1#h", "http://example.com/a/c/d").href);
    line("encode", new TextEncoder().encode("€").join());
    line("decode", new TextDecoder().decode(new Uint8Array([0xe2, 0x82, 0xac])));
    line("base64", `${btoa("hello")} ${atob("aGVsbG8=")}`);
    line("clone", JSON.stringify(structuredClone({ date: new Date(0), map: [...new Map([[1, { a: 2 }]])] })));
    const controller = new AbortController();
    controller.signal.addEventListener("abort", () => line("abort", controller.signal.reason.name));
    controller.abort();
    const target = new EventTarget();
    target.addEventListener("ping", (event) => line("event", event.type), { once: true });
    target.dispatchEvent(new Event("ping"));
    target.dispatchEvent(new Event("ping"));
    line("uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));
    line("random", new Set(crypto.getRandomValues(new Uint8Array(64))).size > 16);
    line("now", performance.now() >= 0 && performance.now() < 10_000);
    line("microtask", await new Promise((resolve) => queueMicrotask(() => resolve("ran"))));
    line("intl", typeof Intl === "object" ? new Intl.NumberFormat("de-DE").format(1234.5) : "absent");
    return new Response(lines.join("\n"));
  },
};
