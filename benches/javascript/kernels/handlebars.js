// A page of 60 rows, compiled and rendered by `handlebars`: its compiler makes JavaScript, which `new Function` takes.
import Handlebars from "handlebars/dist/cjs/handlebars.js";

const template = `<h1>{{title}}</h1>{{#each items}}<p class="{{kind}}">{{@index}} {{name}}{{#if sale}} <b>{{sale.off}}</b>{{else}} -{{/if}}</p>{{/each}}`;
const view = {
  title: "List & more",
  items: Array.from({ length: 60 }, (_, i) => ({
    name: `item <${i}>`,
    kind: i % 2 ? "odd" : "even",
    sale: i % 3 ? null : { off: i },
  })),
};
const render = (Handlebars.default ?? Handlebars).compile(template);

export function run() {
  return render(view);
}
