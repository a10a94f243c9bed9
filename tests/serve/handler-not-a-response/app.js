// What is not a Response is a 500 that says what it was.
const answers = { "/text": () => "text", "/undefined": () => undefined, "/promise": async () => ({ status: 200 }) };
export default {
  fetch: (request) => answers[new URL(request.url).pathname](),
};
