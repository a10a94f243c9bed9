// DOMException: https://webidl.spec.whatwg.org/#idl-DOMException
import { Stamp, exposeInterface } from '../webidl.js';

const CODES = {
  IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4, InvalidCharacterError: 5,
  NoModificationAllowedError: 7, NotFoundError: 8, NotSupportedError: 9, InUseAttributeError: 10,
  InvalidStateError: 11, SyntaxError: 12, InvalidModificationError: 13, NamespaceError: 14, InvalidAccessError: 15,
  TypeMismatchError: 17, SecurityError: 18, NetworkError: 19, AbortError: 20, URLMismatchError: 21,
  QuotaExceededError: 22, TimeoutError: 23, InvalidNodeTypeError: 24, DataCloneError: 25,
};

const CONSTANTS = {
  INDEX_SIZE_ERR: 1, DOMSTRING_SIZE_ERR: 2, HIERARCHY_REQUEST_ERR: 3, WRONG_DOCUMENT_ERR: 4,
  INVALID_CHARACTER_ERR: 5, NO_DATA_ALLOWED_ERR: 6, NO_MODIFICATION_ALLOWED_ERR: 7, NOT_FOUND_ERR: 8,
  NOT_SUPPORTED_ERR: 9, INUSE_ATTRIBUTE_ERR: 10, INVALID_STATE_ERR: 11, SYNTAX_ERR: 12, INVALID_MODIFICATION_ERR: 13,
  NAMESPACE_ERR: 14, INVALID_ACCESS_ERR: 15, VALIDATION_ERR: 16, TYPE_MISMATCH_ERR: 17, SECURITY_ERR: 18,
  NETWORK_ERR: 19, ABORT_ERR: 20, URL_MISMATCH_ERR: 21, QUOTA_EXCEEDED_ERR: 22, TIMEOUT_ERR: 23,
  INVALID_NODE_TYPE_ERR: 24, DATA_CLONE_ERR: 25,
};

/** The state of an exception lives on a real Error object, so that it has a stack where it was made. */
class State extends Stamp {
  #name;
  #message;

  constructor(error, message, name) {
    super(error);
    this.#message = message;
    this.#name = name;
  }

  static is(value) {
    return typeof value === 'object' && value !== null && #name in value;
  }

  static nameOf(value) {
    return value.#name;
  }

  static messageOf(value) {
    return value.#message;
  }
}

export const isDOMException = State.is;

const members = {
  get name() {
    return State.nameOf(this);
  },
  get message() {
    return State.messageOf(this);
  },
  get code() {
    return CODES[State.nameOf(this)] ?? 0;
  },
};

export const DOMException = function DOMException(message = '', name = 'Error') {
  if (!new.target) throw new TypeError("DOMException: use 'new'");
  const error = Reflect.construct(Error, [], new.target);
  new State(error, `${message}`, `${name}`);
  return error;
};

function define() {
  const { prototype } = DOMException;
  Object.setPrototypeOf(prototype, Error.prototype);
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(members));
  Object.defineProperty(prototype, Symbol.toStringTag, { value: 'DOMException', configurable: true });
  for (const name in CONSTANTS) {
    const property = { value: CONSTANTS[name], enumerable: true };
    Object.defineProperty(DOMException, name, property);
    Object.defineProperty(prototype, name, property);
  }
  Object.defineProperty(DOMException, 'prototype', { writable: false });
}

export function install() {
  define();
  exposeInterface('DOMException', DOMException);
}

// The streams package looks for it on the global object when it is evaluated.
install();
