// Recursion without end is an error that JavaScript can catch, and a 500 if it does not.
const deeper = (depth) => deeper(depth + 1) + 1;
export default {
  fetch(request) {
    if (request.url.endsWith("/uncaught")) deeper(0);
    try {
      deeper(0);
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`);
    }
  },
};
