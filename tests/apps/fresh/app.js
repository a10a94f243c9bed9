// What must be new in every request, and what was fixed at build time.
const atBuild = { random: Math.random(), now: Date.now(), uuid: crypto.randomUUID() };
export default {
  fetch: () => Response.json({
    random: Math.random(),
    uuid: crypto.randomUUID(),
    bytes: [...crypto.getRandomValues(new Uint8Array(16))].join(),
    now: Date.now(),
    elapsed: performance.now(),
    atBuild: JSON.stringify(atBuild),
  }),
};
