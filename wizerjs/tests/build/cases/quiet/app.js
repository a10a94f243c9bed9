console.debug('a');
console.info('b');
console.warn('c');
console.error('d\x1b[31m', { e: [1] });
export default { fetch() {} };
