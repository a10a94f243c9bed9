// A rejection that nobody handles is told in the log and does not change the response.
export default {
  fetch() {
    Promise.reject(new Error("nobody looks"));
    return new Response("fine");
  },
};
