// A search over 2,000 documents. The index is built at top level, once, when the application is: no request waits for it.
import { documents } from "./documents.js";
import { build, search } from "./index.js";

const index = build(documents);

export default {
  fetch(request) {
    const query = new URL(request.url).searchParams.get("q") ?? "";
    const results = search(index, query, 10).map(({ id, score }) => ({ title: documents[id].title, score: score.toFixed(3) }));
    return Response.json({ query, documents: documents.length, results });
  },
};
