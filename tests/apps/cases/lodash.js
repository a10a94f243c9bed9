import _ from 'lodash';

export default {
  fetch: () => Response.json([
    _.groupBy([1.2, 1.8, 2.1], Math.floor), _.chunk([1, 2, 3, 4, 5], 2), _.camelCase('foo bar-baz'),
    _.template('hello <%= user %>!')({ user: 'x' }), _.merge({ a: { b: 1 } }, { a: { c: 2 } }), _.debounce.length,
  ]),
};
