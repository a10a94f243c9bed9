import ejs from 'ejs';

const template = '<% for (const item of items) { %><li><%= item %></li><% } %>';

export default {
  fetch: () => new Response(ejs.render(template, { items: ['a', '<b>'] })),
};
