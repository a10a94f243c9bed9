// The same application, however its artifact is written.
const squares = Array.from({ length: 100 }, (_, n) => n * n);
let requests = 0;
export default {
  fetch(request) {
    return new Response(`${squares[new URL(request.url).search.slice(1)]} in request ${++requests}\n`);
  },
};
