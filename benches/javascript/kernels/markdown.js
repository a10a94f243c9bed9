// An article of 9 KB, rendered by `marked`.
import { marked } from "marked";

const section = (i) => `## Section ${i}

Some *emphasis*, some **strength**, \`code\`, and a [link](https://example.com/${i} "title").
A second line & an entity, <b>html</b>, and an image ![alt](/i/${i}.png).

- item one
- item two
  1. nested ${i}
  2. nested again
- item three

> A quote with \`code\` in it.

| a | b |
|---|--:|
| ${i} | ${i * i} |

\`\`\`js
const x = ${i};
\`\`\`
`;
const article = "# Title\n\n" + Array.from({ length: 20 }, (_, i) => section(i)).join("\n");

export function run() {
  return marked.parse(article);
}
