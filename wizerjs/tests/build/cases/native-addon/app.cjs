module.exports = { default: { fetch() { return require('./x.node'); } } };
