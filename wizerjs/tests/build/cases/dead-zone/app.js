import { name } from "./name.js";
export const prefix = String("x-");
export default { fetch: () => new Response(name) };
