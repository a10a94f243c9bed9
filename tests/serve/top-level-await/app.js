// Top-level await and timers run at build time; what they made is in the snapshot.
const value = await new Promise((resolve) => setTimeout(() => resolve("made at build time"), 10_000));
const { helper } = await import("./helper.js");
export default {
  fetch: () => new Response(helper(value)),
};
