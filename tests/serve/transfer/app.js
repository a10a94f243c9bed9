// Streams that are transferred: the original is locked, its chunks come as clones; a locked stream stays where it is. And
// the order of output and error where compressed data is followed by rubbish.
const lines = [];

async function outcome(action) {
  try {
    return await action();
  } catch (error) {
    return error.name;
  }
}

const actions = {
  async readable() {
    const chunk = { a: 1 };
    const stream = ReadableStream.from([chunk]);
    const moved = structuredClone(stream, { transfer: [stream] });
    const { value } = await moved.getReader().read();
    return `${stream.locked} ${value.a} ${value !== chunk}`;
  },
  async writable() {
    const seen = [];
    const stream = new WritableStream({ write: (chunk) => void seen.push(chunk) });
    const writer = structuredClone(stream, { transfer: [stream] }).getWriter();
    await writer.write("a");
    await writer.close();
    return `${stream.locked} ${seen}`;
  },
  async transform() {
    const stream = new TransformStream({ transform: (chunk, controller) => controller.enqueue(chunk.toUpperCase()) });
    const { readable, writable } = structuredClone(stream, { transfer: [stream] });
    const writer = writable.getWriter();
    writer.write("a");
    return `${(await readable.getReader().read()).value} ${stream.readable.locked} ${stream.writable.locked}`;
  },
  async port() {
    const { port1, port2 } = new MessageChannel();
    const stream = ReadableStream.from(["through a port"]);
    port1.postMessage({ stream }, [stream]);
    const { data } = await new Promise((resolve) => {
      port2.onmessage = resolve;
    });
    return (await data.stream.getReader().read()).value;
  },
  async locked() {
    const stream = new ReadableStream();
    stream.getReader();
    return structuredClone(stream, { transfer: [stream] });
  },
  async "not transferred"() {
    return structuredClone(new ReadableStream());
  },
  async "chunk that cannot be cloned"() {
    const stream = ReadableStream.from([() => {}]);
    return structuredClone(stream, { transfer: [stream] }).getReader().read();
  },
  async "output before the error"() {
    const data = await new Response(new Blob(["output"]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
    const { readable, writable } = new DecompressionStream("gzip");
    const reader = readable.getReader();
    const first = reader.read();
    writable.getWriter().write(new Uint8Array([...data, 0])).catch(() => {});
    return `${new TextDecoder().decode((await first).value)}, then ${await outcome(() => reader.read())}`;
  },
};

export default {
  async fetch() {
    for (const [name, action] of Object.entries(actions)) lines.push(`${name}: ${await outcome(action)}`);
    return new Response(lines.join("\n"));
  },
};
