// Work that was handed to waitUntil goes on after the response, and its lines are logged.
export default {
  fetch(request, env, ctx) {
    ctx.waitUntil(new Promise((resolve) => setTimeout(() => {
      console.log("after the response");
      resolve();
    }, 10)));
    return new Response("answered");
  },
};
