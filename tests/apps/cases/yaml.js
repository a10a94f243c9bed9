import YAML from 'yaml';

export default {
  fetch: () => Response.json([
    YAML.parse('a: [1, 2]\nb: &x {c: "ä"}\nd: *x\n'), YAML.stringify({ a: ['x', { y: null }], t: 'multi\nline' }),
  ]),
};
