// With --dev the client is told.
export default {
  fetch() {
    throw new RangeError("told to the developer");
  },
};
