// Times of a kernel: its first run, and its last ones.

/** How many of the last runs stand for the last one: their median is taken. */
const LAST = 5;

/** `run` so often; microseconds, and what it gave. */
export async function measureKernel(run, { runs }) {
  const times = [];
  let gave;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    let value = run();
    // Only what is asynchronous waits.
    if (typeof value === "object") value = await value;
    times.push((performance.now() - start) * 1000);
    if (i > 0 && value !== gave) throw new Error("another result than in the first run");
    gave = value;
  }
  const last = times.slice(-LAST).sort((a, b) => a - b);
  return { first: times[0], last: last[last.length >> 1], least: Math.min(...times), gave: `${gave.length}:${digest(gave)}` };
}

/** A number that tells results apart: the same program must give the same in every engine. */
function digest(text) {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (h * 31 + text.charCodeAt(i)) | 0;
  return h;
}
