// Algorithm identifiers: https://w3c.github.io/webcrypto/#algorithm-normalization
import { enforceRange, isObject } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { isArrayBuffer } from '../encoding/encoding.js';
import { copyBytes } from '../blob/blob.js';

/** By operation, then by name in upper case: `{ name, parameters }`. */
const registry = new Map();

/**
 * Say that algorithm `name` has `operation`. `parameters(dictionary)` converts what comes with the name;
 * `implementation` is what `normalize` finds.
 */
export function register(operation, name, implementation, parameters = none) {
  if (!registry.has(operation)) registry.set(operation, new Map());
  registry.get(operation).set(name.toUpperCase(), { name, implementation, parameters });
}

function none() {
  return {};
}

/** The algorithm's canonical name, its converted parameters, and its implementation of `operation`. */
export function normalize(operation, algorithm) {
  let name;
  if (isObject(algorithm)) {
    name = algorithm.name;
    if (name === undefined) throw new TypeError('The algorithm has no name');
    name = `${name}`;
  } else {
    name = `${algorithm}`;
    algorithm = {};
  }
  const entry = registry.get(operation)?.get(name.toUpperCase());
  if (entry === undefined) throw new DOMException(`${name} cannot be used for ${operation}`, 'NotSupportedError');
  return { name: entry.name, implementation: entry.implementation, ...entry.parameters(algorithm) };
}

export function normalizeHash(algorithm) {
  return normalize('digest', algorithm).name;
}

// Members of parameter dictionaries.

export function required(dictionary, name) {
  const value = dictionary[name];
  if (value === undefined) throw new TypeError(`The algorithm has no ${name}`);
  return value;
}

export function hash(dictionary) {
  return normalizeHash(required(dictionary, 'hash'));
}

export function bytes(value, what) {
  if (!isArrayBuffer(value) && !ArrayBuffer.isView(value)) {
    throw new TypeError(`${what} is not an ArrayBuffer or a view of one`);
  }
  return copyBytes(value);
}

export function requiredBytes(dictionary, name) {
  return bytes(required(dictionary, name), name);
}

export function optionalBytes(dictionary, name) {
  const value = dictionary[name];
  return value === undefined ? undefined : bytes(value, name);
}

export function octet(value, name) {
  return enforceRange(value, 0, 0xff, name);
}

export function unsignedShort(value, name) {
  return enforceRange(value, 0, 0xffff, name);
}

export function unsignedLong(value, name) {
  return enforceRange(value, 0, 0xffff_ffff, name);
}

// Exceptions that several algorithms have.

export function operationError(message) {
  return new DOMException(message, 'OperationError');
}

export function dataError(message) {
  return new DOMException(message, 'DataError');
}

export function notSupported(message) {
  return new DOMException(message, 'NotSupportedError');
}

export function syntaxError(message) {
  return new DOMException(message, 'SyntaxError');
}
