// A page: 20 KB of HTML from a list, escaped, with template literals.
export const type = "text/html;charset=UTF-8";

const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => names[c]);
const articles = Array.from({ length: 100 }, (_, i) => ({
  id: i,
  title: `Article <${i}> & more`,
  author: `Author "${i % 7}"`,
  summary: "It begins with a line, and goes on for another one, so that there is something to read.",
}));
const article = ({ id, title, author, summary }) =>
  `<article id="a${id}"><h2><a href="/articles/${id}">${escape(title)}</a></h2><p class="author">${escape(author)}</p><p>${escape(summary)}</p></article>`;

export function respond() {
  return `<!doctype html><title>Articles</title><main>${articles.map(article).join("\n")}</main>\n`;
}
