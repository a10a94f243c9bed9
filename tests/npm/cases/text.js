import * as cheerio from 'cheerio';
import ejs from 'ejs';
import Handlebars from 'handlebars';
import hljs from 'highlight.js';
import MarkdownIt from 'markdown-it';
import { marked } from 'marked';

const markdown = '# Title\n\nSome *text* with `code`, [a link](http://x "t") and <b>html</b>.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```js\nlet a = 1;\n```\n\n1. one\n2. two\n   - nested\n';
const template = Handlebars.compile('{{#each items}}{{@index}}:{{name}}{{#unless @last}}, {{/unless}}{{/each}} {{{raw}}}');

export default {
  fetch() {
    const $ = cheerio.load('<ul id="l"><li class="a">1</li><li>2</li></ul>');
    $('li.a').text('one').after('<li>x</li>');
    return Response.json({
      cheerio: [$('#l').html(), $('li').map((_, element) => $(element).text()).get()],
      ejs: ejs.render('<% for (const item of items) { %><li><%= item %></li><% } %>', { items: ['a', '<b>'] }),
      handlebars: template({ items: [{ name: 'a' }, { name: '<b>' }], raw: '<i>' }),
      highlight: hljs.highlight('const a = "x" // c', { language: 'javascript' }).value,
      markdownIt: new MarkdownIt({ html: true, linkify: true }).render(markdown),
      marked: marked.parse(markdown),
    });
  },
};
