// Only the clock: there is nothing else to measure here.
module.exports = { performance };
