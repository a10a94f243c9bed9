// A page of some 20 KB, rendered on the server for every request. What does not change from one request to the next (the
// articles, and the parts of the page around them) is made at the top level, and is part of the snapshot.
import { articles } from "./articles.js";

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => text.replace(/[&<>"]/g, (character) => escapes[character]);

const item = ({ id, title, author, words, tags }, wanted) => `
      <li id="article-${id}"${tags.includes(wanted) ? ' class="wanted"' : ""}>
        <h2><a href="/articles/${id}">${escape(title)}</a></h2>
        <p>by ${escape(author)}, ${Math.ceil(words / 200)} minutes</p>
        <ul>${tags.map((tag) => `<li>${escape(tag)}</li>`).join("")}</ul>
      </li>`;

const page = (wanted) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Articles about ${escape(wanted)}</title></head>
  <body>
    <h1>${articles.length} articles</h1>
    <ol>${articles.map((article) => item(article, wanted)).join("")}
    </ol>
  </body>
</html>
`;

export default {
  fetch(request) {
    const wanted = new URL(request.url).searchParams.get("tag") ?? "wasm";
    return new Response(page(wanted), { headers: { "content-type": "text/html; charset=utf-8" } });
  },
};
