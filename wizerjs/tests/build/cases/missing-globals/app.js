import "./asks.js";

export default {
  async fetch(request) {
    const known = await caches.default.match(request);
    return known ?? new Response(typeof EventSource);
  },
};
