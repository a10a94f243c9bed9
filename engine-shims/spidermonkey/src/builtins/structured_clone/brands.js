// Which built-in class an object really is, whatever its prototype says: by methods that read internal slots.

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;

function getter(prototype, name) {
  return getOwnPropertyDescriptor(prototype, name).get;
}

const typedArray = getPrototypeOf(Uint8Array.prototype);
const typedArrayName = getter(typedArray, Symbol.toStringTag);

/** The name of a typed array's class, undefined for anything else. */
export function typedArrayClass(value) {
  return Reflect.apply(typedArrayName, value, []);
}

const probes = [
  ['Date', Date.prototype.getTime],
  ['RegExp', getter(RegExp.prototype, 'source'), RegExp.prototype],
  ['Map', getter(Map.prototype, 'size')],
  ['Set', getter(Set.prototype, 'size')],
  ['ArrayBuffer', getter(ArrayBuffer.prototype, 'byteLength')],
  ['Boolean', Boolean.prototype.valueOf],
  ['Number', Number.prototype.valueOf],
  ['String', String.prototype.valueOf],
  ['BigInt', BigInt.prototype.valueOf],
  ['Symbol', Symbol.prototype.valueOf],
  ['WeakMap', WeakMap.prototype.has],
  ['WeakSet', WeakSet.prototype.has],
  ['WeakRef', WeakRef.prototype.deref],
];

const NO_ARGUMENTS = [];

function passes(method, value) {
  try {
    Reflect.apply(method, value, NO_ARGUMENTS);
    return true;
  } catch {
    return false;
  }
}

/** `Array`, `Error`, `DataView`, the name of a typed array, one of `probes`, or `Object`. */
export function classOf(value) {
  if (Array.isArray(value)) return 'Array';
  if (ArrayBuffer.isView(value)) return typedArrayClass(value) ?? 'DataView';
  if (isError(value)) return 'Error';
  if (value instanceof Promise) return 'Promise';
  for (const [name, method, except] of probes) {
    if (value !== except && passes(method, value)) return name;
  }
  return 'Object';
}

function isError(value) {
  return Error.isError ? Error.isError(value) : value instanceof Error;
}
