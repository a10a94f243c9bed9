// A heap that is full is an error in this request alone.
export default {
  fetch(request) {
    if (request.url.endsWith("/ok")) return new Response("fine");
    const hoard = [];
    if (request.url.endsWith("/caught")) {
      try {
        for (;;) hoard.push(new Uint8Array(1 << 20));
      } catch (error) {
        hoard.length = 0;
        return new Response(`caught ${error.name ?? error}`);
      }
    }
    for (;;) hoard.push(new Array(1000).fill({}));
  },
};
