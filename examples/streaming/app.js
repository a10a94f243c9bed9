// The body is transformed as it passes through: memory use does not grow with its length.
function upperCase() {
  return new TransformStream({
    transform(chunk, controller) {
      const out = new Uint8Array(chunk.length);
      for (let i = 0; i < chunk.length; i += 1) {
        const byte = chunk[i];
        out[i] = byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
      }
      controller.enqueue(out);
    },
  });
}

export default {
  fetch(request) {
    if (request.body === null) return new Response("POST something\n", { status: 400 });
    return new Response(request.body.pipeThrough(upperCase()), {
      headers: { "content-type": request.headers.get("content-type") ?? "application/octet-stream" },
    });
  },
};
