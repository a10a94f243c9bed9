import Handlebars from 'handlebars';

const template = Handlebars.compile('{{#each items}}{{@index}}:{{name}}{{#unless @last}}, {{/unless}}{{/each}} {{{raw}}}');

export default {
  fetch: () => new Response(template({ items: [{ name: 'a' }, { name: '<b>' }], raw: '<i>' })),
};
