// A tight loop ends at the time limit; the next request works.
export default {
  fetch(request) {
    while (request.url.endsWith("/loop")) ;
    return new Response("fine");
  },
};
