// Exceptions that nobody catches and rejections that nobody handles are events of the global object; one that is prevented
// is not told in the log.
const seen = [];
const tick = () => scheduler.wait(1);

const routes = {
  // As an event, by `addEventListener`; then by the attribute, whose arguments are the event's parts.
  async "/report"() {
    addEventListener("error", (event) => {
      seen.push(`listener: ${event.message} | ${event.error.message} | ${event.filename} ${event.lineno > 0}`);
    });
    onerror = (message, filename, line, column, error) => {
      seen.push(`attribute: ${message} | ${error.message} | ${filename} ${line > 0 && column > 0}`);
      return true;
    };
    reportError(new Error("reported"));
  },
  async "/report-value"() {
    onerror = (message, filename, line, column, error) => {
      seen.push([message, filename, line, column, error].join(" | "));
      return true;
    };
    reportError(7);
  },
  // Not prevented, so it is logged.
  async "/report-logged"() {
    addEventListener("error", (event) => seen.push(event.message));
    reportError(new RangeError("told"));
  },
  async "/report-unheard"() {
    reportError(new TypeError("nobody listens"));
  },
  async "/timer"() {
    onerror = (message) => {
      seen.push(message);
      return true;
    };
    setTimeout(() => {
      throw new Error("in a timer");
    }, 0);
    await tick();
  },
  async "/microtask"() {
    onerror = (message) => {
      seen.push(message);
      return true;
    };
    queueMicrotask(() => {
      throw new Error("in a microtask");
    });
    await tick();
  },
  async "/listener"() {
    onerror = (message) => {
      seen.push(message);
      return true;
    };
    const target = new EventTarget();
    target.addEventListener("x", () => {
      throw new Error("in a listener");
    });
    target.addEventListener("x", () => seen.push("the next one"));
    target.dispatchEvent(new Event("x"));
  },
  // A listener of `error` that throws is told in the log, and does not call itself.
  async "/error-in-error"() {
    onerror = () => {
      throw new Error("in the handler");
    };
    reportError(new Error("first"));
  },
  async "/rejection"() {
    onunhandledrejection = (event) => {
      seen.push(`unhandled: ${event.reason} ${event.promise === promise} ${event.cancelable}`);
      event.preventDefault();
    };
    onrejectionhandled = (event) => seen.push(`handled: ${event.reason} ${event.promise === promise}`);
    const promise = Promise.reject("no");
    await tick();
    promise.catch(() => seen.push("caught"));
    await tick();
  },
  async "/rejection-logged"() {
    onunhandledrejection = (event) => seen.push(`${event.reason}`);
    Promise.reject(new Error("rejected"));
    await tick();
  },
  async "/rejection-in-time"() {
    onunhandledrejection = () => seen.push("unhandled");
    const promise = Promise.reject(new Error("caught in the same turn"));
    await null;
    promise.catch(() => seen.push("caught"));
    await tick();
  },
  async "/removed"() {
    onerror = () => seen.push("called");
    onerror = null;
    onunhandledrejection = "not a function";
    seen.push(`${onerror} ${onunhandledrejection} ${onrejectionhandled}`);
    const listener = () => seen.push("called");
    addEventListener("error", listener);
    removeEventListener("error", listener);
    reportError("unheard");
  },
};

export default {
  async fetch(request) {
    await routes[new URL(request.url).pathname]();
    return new Response(seen.join("\n"));
  },
};
