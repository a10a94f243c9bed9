// A page of 50 items, rendered to a string by React.
import { createElement as h, memo, useMemo } from "react";
import { renderToString } from "react-dom/server";

const Price = ({ value }) => h("span", { className: "price" }, "$", value.toFixed(2));
const Item = memo(({ item, index }) =>
  h("li", { key: item.id, "data-index": index, className: index % 2 ? "odd" : "even" },
    h("a", { href: `/items/${item.id}` }, item.name), h(Price, { value: item.price }),
    item.sale ? h("b", { style: { color: "red", fontWeight: 700 } }, "sale") : null));
function Page({ items }) {
  const total = useMemo(() => items.reduce((sum, item) => sum + item.price, 0), [items]);
  return h("main", null, h("h1", null, "Items & more"),
    h("ul", null, items.map((item, index) => h(Item, { key: item.id, item, index }))), h("p", null, "Total: ", h(Price, { value: total })));
}
const items = Array.from({ length: 50 }, (_, i) => ({ id: i, name: `Item <${i}>`, price: i * 1.25, sale: i % 4 === 0 }));

export function run() {
  return renderToString(h(Page, { items }));
}
