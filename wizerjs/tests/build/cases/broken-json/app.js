import data from "./data.json"; export default { fetch: () => Response.json(data) };
