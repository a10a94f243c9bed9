// A promise that nothing can settle any more is a 504 at once, not when the time is over.
export default {
  fetch: () => new Promise(() => {}),
};
