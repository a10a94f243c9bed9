// Answers with what there is: global names, and for each its own members, static ones and those of its prototype.
const HIDDEN = ["constructor", "length", "name", "prototype", "caller", "arguments"];
const WELL_KNOWN = [Symbol.iterator, Symbol.asyncIterator];

function members(object) {
  const names = Object.getOwnPropertyNames(object).filter((name) => !HIDDEN.includes(name) || isGetter(object, name));
  const symbols = WELL_KNOWN.filter((symbol) => Object.hasOwn(object, symbol)).map((symbol) => symbol.description);
  return [...names, ...symbols].sort();
}

/** `name` is something else where it is an attribute. */
function isGetter(object, name) {
  return Object.getOwnPropertyDescriptor(object, name).get !== undefined;
}

function describe(name, value) {
  if (typeof value === "function" && /^[A-Z]/.test(name) && value.prototype !== undefined) {
    return { statics: members(value), members: members(value.prototype) };
  }
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value)?.constructor === Object) {
    return { statics: members(value), members: [] };
  }
  // The prototype of `console` is an object without members.
  return { statics: name === "console" ? members(value) : [], members: [] };
}

function globals() {
  const names = new Set();
  for (let at = globalThis; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== "constructor") names.add(name);
  }
  const own = { Event: Object.getOwnPropertyNames(new Event("x")) };
  const described = {};
  for (const name of [...names].sort()) {
    described[name] = describe(name, globalThis[name]);
    described[name].members.push(...own[name] ?? []);
  }
  return described;
}

export default {
  fetch() {
    return Response.json(globals());
  },
};
