import "./style.css"; export default { fetch: () => new Response() };
