// A new isolate for each request: the application is loaded under a name that was never used.
import source from "application-source";

let requests = 0;

export default {
  fetch(request, env) {
    const code = () => ({ compatibilityDate: "2026-11-01", mainModule: "application.js", modules: { "application.js": source } });
    return env.LOADER.get(`request-${requests++}`, code).getEntrypoint().fetch(request);
  },
};
