// A few kilobytes that decompress to more than the instance may have: an error that the handler can catch, without effect
// on the next request. Read piece by piece, they need no memory to speak of.
const MEGABYTES = 144;
const bomb = await compress();

function compress() {
  const zeros = new Uint8Array(1 << 20);
  let left = MEGABYTES;
  const source = new ReadableStream({
    pull(controller) {
      controller.enqueue(zeros);
      left -= 1;
      if (left === 0) controller.close();
    },
  });
  return new Response(source.pipeThrough(new CompressionStream("gzip"))).bytes();
}

function decompressed() {
  return new Blob([bomb]).stream().pipeThrough(new DecompressionStream("gzip"));
}

const routes = {
  async "/size"() {
    return bomb.length < MEGABYTES * 1100;
  },
  async "/whole"() {
    try {
      return (await new Response(decompressed()).arrayBuffer()).byteLength;
    } catch (error) {
      return `caught ${error.name ?? error}`;
    }
  },
  async "/text"() {
    try {
      return (await new Response(decompressed()).text()).length;
    } catch (error) {
      return `caught ${error.name ?? error}`;
    }
  },
  async "/pieces"() {
    let length = 0;
    for await (const piece of decompressed()) length += piece.length;
    return length === MEGABYTES << 20;
  },
};

export default {
  async fetch(request) {
    return new Response(`${await routes[new URL(request.url).pathname]()}`);
  },
};
