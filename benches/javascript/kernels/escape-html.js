// Text escaped with `replace` and a function, as template engines do it.
const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const lines = Array.from({ length: 100 }, (_, i) => `<p class="c${i}">it's "line" ${i} & more</p>`);

export function run() {
  return lines.map((line) => line.replace(/[&<>"']/g, (c) => names[c])).join("\n");
}
