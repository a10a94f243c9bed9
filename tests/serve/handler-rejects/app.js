// A rejected promise is a 500.
addEventListener("fetch", (event) => event.respondWith((async () => {
  await null;
  throw new TypeError("later");
})()));
