// A page of 50 items by React.
import { createElement as h } from "react";
import { renderToString } from "react-dom/server";

export const type = "text/html;charset=UTF-8";

const items = Array.from({ length: 50 }, (_, i) => ({ id: i, name: `Item <${i}>`, price: i * 1.25, sale: i % 4 === 0 }));
const Item = ({ item }) =>
  h("li", { className: item.id % 2 ? "odd" : "even" }, h("a", { href: `/items/${item.id}` }, item.name),
    h("span", null, "$", item.price.toFixed(2)), item.sale && h("b", null, "sale"));
const Page = ({ items }) => h("main", null, h("h1", null, "Items"), h("ul", null, items.map((item) => h(Item, { key: item.id, item }))));

export function respond() {
  return renderToString(h(Page, { items }));
}
