// Variables named on the command line are in `env`, and nothing else of the host's environment is.
export default {
  fetch: (request, env) => Response.json(env),
};
