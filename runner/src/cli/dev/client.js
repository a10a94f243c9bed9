// Asks how the builds go: shows why one failed, and loads the page again after one that went well.
(() => {
  const shown = Number(document.currentScript.dataset.build);
  let box;
  const say = (text) => {
    box?.remove();
    box = undefined;
    if (text === null || shown === 0) return;
    box = document.createElement("div");
    const pre = document.createElement("pre");
    pre.textContent = text;
    pre.style.cssText = "position:fixed;inset:0;z-index:2147483647;margin:0;padding:2rem;overflow:auto;" +
      "background:#200c;backdrop-filter:blur(4px);color:#fdd;font:14px/1.5 monospace;white-space:pre-wrap";
    box.attachShadow({ mode: "open" }).append(pre);
    document.documentElement.append(box);
  };
  const follow = async () => {
    let seen = 0, gone = false;
    for (;;) {
      try {
        const state = await (await fetch(`/__runner/state?seen=${seen}`)).json();
        // After a new start builds are counted from the beginning.
        if (gone || (state.failure === null && state.app !== shown)) return location.reload();
        seen = state.builds;
        say(state.failure);
      } catch {
        [seen, gone] = [0, true];
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  };
  follow();
})();
