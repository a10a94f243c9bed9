import { marked } from 'marked';

const markdown = '# Title\n\nSome *text* with `code`, [a link](http://x "t") and <b>html</b>.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```js\nlet a = 1;\n```\n\n1. one\n2. two\n   - nested\n';

export default {
  fetch: () => new Response(marked.parse(markdown)),
};
