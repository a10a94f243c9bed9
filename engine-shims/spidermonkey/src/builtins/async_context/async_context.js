// The asynchronous context for those who have a use for it: `node:async_hooks` of applications is made of it, outside of
// this bundle. Not an interface for anybody else: another name than the standard's, should there be one.

export function install() {
  const value = Object.freeze({ get: host.asyncContext, set: host.setAsyncContext });
  Object.defineProperty(globalThis, Symbol.for('wizerjs.asyncContext'), { value });
}
