import module from "./module.wasm";
export default { fetch: () => new Response(String(module)) };
