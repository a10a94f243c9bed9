// What engines without a web platform lack, as far as React looks for it when it loads; what is measured uses none of it.
if (typeof performance === "undefined") {
  globalThis.performance = {
    now: typeof imports === "object" ? () => imports.gi.GLib.get_monotonic_time() / 1000 : Date.now,
  };
}
globalThis.console ??= { log() {}, warn() {}, error() {} };
globalThis.queueMicrotask ??= (f) => void Promise.resolve().then(f);
globalThis.TextEncoder ??= class TextEncoder {
  encode(text = "") {
    return Uint8Array.from(unescape(encodeURIComponent(text)), (c) => c.charCodeAt(0));
  }
};
globalThis.MessageChannel ??= class MessageChannel {
  port1 = {};
  port2 = {
    postMessage() {
      throw new Error("no MessageChannel here");
    },
  };
};
