// An exception in a handler is a 500, told in the log with its place and cause and not to the client.
function inner() {
  throw new RangeError("secret detail", { cause: new Error("the root") });
}
export default {
  fetch(request) {
    if (request.url.endsWith("/ok")) return new Response("fine");
    inner();
  },
};
