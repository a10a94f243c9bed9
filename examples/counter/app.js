// Every request gets a pristine instance: nothing a request changed is seen by the next, so the count is always 1.
let count = 0;

addEventListener("fetch", (event) => {
  count += 1;
  event.respondWith(new Response(`${count}\n`));
});
