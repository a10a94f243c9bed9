import assert from 'node:assert';
import { Buffer as Imported } from 'node:buffer';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import querystring from 'node:querystring';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import url from 'node:url';
import util from 'node:util';
import zlib from 'node:zlib';
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

export default {
  async fetch() {
    const emitter = new EventEmitter();
    const ready = once(emitter, 'ready');
    setImmediate(() => emitter.emit('ready', 1, 2));
    const upper = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) });
    const pieces = [];
    await pipeline(Readable.from(['a', 'b']), upper, async function (source) {
      for await (const piece of source) pieces.push(String(piece));
    });
    let thrown;
    try { assert.deepStrictEqual({ a: 1 }, { a: 2 }); } catch (error) { thrown = [error.code, error.name]; }
    const decoder = new StringDecoder('utf8');
    return Response.json({
      assert: thrown,
      buffer: [
        Buffer === Imported, Buffer.from('äb').toString('hex'), Buffer.from('_-8', 'base64url').length,
        Buffer.concat([Buffer.from([1]), Buffer.alloc(2, 7)]).toJSON(), Buffer.from('abc').readUInt16BE(1),
      ],
      crypto: [randomBytes(5).length, randomInt(1), timingSafeEqual(Buffer.from('a'), Buffer.from('a'))],
      events: await ready,
      global: [typeof global, typeof process.nextTick, process.env.NODE_ENV],
      path: [path.join('a', '..', 'b', './c'), path.extname('x.tar.gz'), path.relative('/a/b', '/a/c/d')],
      querystring: querystring.parse('a=1&a=2&b=%C3%A4'),
      stream: pieces,
      decoder: decoder.write(Buffer.from([0xc3])) + decoder.write(Buffer.from([0xa4])),
      url: [url.parse('http://u:p@h:8/p?q#f').host, url.format({ protocol: 'http', host: 'x', pathname: '/y' })],
      util: [util.format('%s %d %j', 'a', 1.5, { b: 1 }), util.inspect({ a: [1, { b: 'c' }] }), util.isDeepStrictEqual([1], [1])],
      zlib: [zlib.gunzipSync(zlib.gzipSync('hello')).toString(), zlib.inflateSync(zlib.deflateSync(Buffer.from('x'.repeat(100)))).length],
    });
  },
};
