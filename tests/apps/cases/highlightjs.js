import hljs from 'highlight.js';

export default {
  fetch: () => new Response(hljs.highlight('const a = "x" // c', { language: 'javascript' }).value),
};
