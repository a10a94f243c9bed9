import * as cheerio from 'cheerio';

export default {
  fetch() {
    const $ = cheerio.load('<ul id="l"><li class="a">1</li><li>2</li></ul>');
    $('li.a').text('one').after('<li>x</li>');
    return Response.json([$('#l').html(), $('li').map((_, element) => $(element).text()).get()]);
  },
};
