// What hashes and signatures have of a stream: something may be piped into them.
const EventEmitter = require('../../events.js').default;

/** Hands on what is written to `update`. No `Writable`: that one alone is megabytes in an application. */
class Sink extends EventEmitter {
  writable = true;

  write(chunk, encoding, callback) {
    const done = [encoding, callback].find(value => typeof value === 'function');
    this.update(chunk, typeof encoding === 'string' ? encoding : undefined);
    if (done !== undefined) queueMicrotask(() => done(null));
    return true;
  }

  end(chunk, encoding, callback) {
    const done = [chunk, encoding, callback].find(value => typeof value === 'function');
    if (chunk !== undefined && chunk !== null && chunk !== done) this.write(chunk, encoding);
    this.writable = false;
    const tell = this.ended();
    queueMicrotask(() => {
      this.emit('finish');
      done?.(null);
      tell?.();
      this.emit('close');
    });
    return this;
  }

  /** Everything was written. What this gives is called when that has been told. */
  ended() {}
}

module.exports = { Sink };
