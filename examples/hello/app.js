// The smallest function: a request in, a response out.
export default {
  fetch() {
    return new Response("Hello from a fresh engine!\n");
  },
};
