import { hash } from "fast-hash";
export default { fetch: () => new Response(hash("a")) };
