// createHash and createHmac. The state of a hash is bytes that the engine's natives take and give.
const natives = require('./natives.js');
const { find } = require('./algorithms.js');
const { bytes, data: dataOf, output } = require('./bytes.js');
const { coded, requireText } = require('./errors.js');
const { secretOf } = require('./keys.js');
const { Sink } = require('./sink.js');

class State {
  constructor({ native, blockBytes }, state = natives.hashStart(native)) {
    this.hash = { native, blockBytes };
    this.state = state;
  }

  update(data) {
    this.state = natives.hashUpdate(this.hash.native, this.state, data);
    return this;
  }

  finish() {
    return natives.hashFinish(this.hash.native, this.state);
  }

  copy() {
    return new State(this.hash, this.state);
  }
}

function finalized() {
  return coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
}

/** What a Hash and an Hmac have of a stream besides: their digest may be read. */
class DigestSink extends Sink {
  #encoding;
  #digest = null;
  readable = true;

  setEncoding(encoding) {
    this.#encoding = encoding;
    return this;
  }

  ended() {
    this.#digest = this.digest(this.#encoding);
    return () => {
      this.emit('readable');
      if (this.listenerCount('data') > 0) this.emit('data', this.read());
      this.emit('end');
    };
  }

  read() {
    const digest = this.#digest;
    this.#digest = null;
    return digest;
  }
}

class Hash extends DigestSink {
  #state;
  #isFinished = false;

  constructor(state) {
    super();
    this.#state = state;
  }

  update(data, encoding) {
    if (this.#isFinished) throw finalized();
    this.#state.update(dataOf(data, encoding));
    return this;
  }

  copy() {
    if (this.#isFinished) throw finalized();
    return new Hash(this.#state.copy());
  }

  digest(encoding) {
    if (this.#isFinished) throw finalized();
    this.#isFinished = true;
    return output(this.#state.finish(), encoding);
  }
}

/** RFC 2104. */
class Hmac extends DigestSink {
  #inner;
  #outer;
  #isFinished = false;

  constructor(hash, key) {
    super();
    const block = new Uint8Array(hash.blockBytes);
    block.set(key.length > hash.blockBytes ? new State(hash).update(key).finish() : key);
    this.#inner = new State(hash).update(block.map(byte => byte ^ 0x36));
    this.#outer = new State(hash).update(block.map(byte => byte ^ 0x5c));
  }

  update(data, encoding) {
    if (this.#isFinished) throw finalized();
    this.#inner.update(dataOf(data, encoding));
    return this;
  }

  digest(encoding) {
    // A second one is empty in Node.js.
    if (this.#isFinished) return output(new Uint8Array(0), encoding);
    this.#isFinished = true;
    return output(this.#outer.update(this.#inner.finish()).finish(), encoding);
  }
}

function createHash(algorithm) {
  const hash = find(requireText(algorithm, 'algorithm'));
  if (hash === undefined) throw new Error('Digest method not supported');
  return new Hash(new State(hash));
}

function createHmac(algorithm, key) {
  const hash = find(requireText(algorithm, 'hmac'));
  const secret = secretOf(key) ?? bytes(
    key, undefined, 'key',
    'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey',
  );
  if (hash === undefined) throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${algorithm}`);
  return new Hmac(hash, secret);
}

module.exports = {
  Hash,
  Hmac,
  createHash,
  createHmac,
  hash: (algorithm, data, encoding = 'hex') => createHash(algorithm).update(data).digest(encoding),
};
