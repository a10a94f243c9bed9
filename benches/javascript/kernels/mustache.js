// A page of 60 rows, rendered by `mustache`, whose parsed template is cached by it.
import Mustache from "mustache";

const template = `<h1>{{title}}</h1><ul>{{#items}}<li class="{{kind}}">{{name}}: {{price}}{{#sale}} <b>{{sale.off}}%</b>{{/sale}}{{^sale}} -{{/sale}}</li>{{/items}}</ul>`;
const view = {
  title: "List & more",
  items: Array.from({ length: 60 }, (_, i) => ({
    name: `item <${i}>`,
    price: i * 3,
    kind: i % 2 ? "odd" : "even",
    sale: i % 3 ? null : { off: i },
  })),
};

export function run() {
  return Mustache.render(template, view);
}
