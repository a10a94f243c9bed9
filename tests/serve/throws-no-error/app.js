// What is thrown need not be an error: the log shows the value, and where it was thrown if that is known.
export default {
  fetch(request) {
    if (request.url.endsWith("/later")) return Promise.reject({ code: 8, list: ["a", { b: 1 }] });
    throw { code: 7 };
  },
};
