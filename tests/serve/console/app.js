// Console lines are log lines with a level; values are shown as in a browser's console.
export default {
  fetch() {
    console.log("text", 1, true, null, undefined, 10n);
    console.debug("debug %s of %d", "line", 4.5);
    console.warn({ a: 1, nested: { list: [1, "two", [3]] } });
    console.error(new Map([["key", new Set([1])]]));
    console.info("escape \u001b[31mred\u001b[0m stays harmless");
    return new Response("logged");
  },
};
