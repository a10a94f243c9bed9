// The console is the engine's own.
// An object of its own, so that what is added to the module does not show on the global.
module.exports = Object.create(console);
