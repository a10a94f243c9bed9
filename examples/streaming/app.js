// The body is transformed as it passes through: memory use does not grow with its length.
const upperCase = () =>
  new TransformStream({
    transform(text, controller) {
      controller.enqueue(text.toUpperCase());
    },
  });

export default {
  fetch(request) {
    if (request.body === null) return new Response("POST something\n", { status: 400 });
    const body = request.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(upperCase())
      .pipeThrough(new TextEncoderStream());
    return new Response(body, {
      headers: { "content-type": request.headers.get("content-type") ?? "application/octet-stream" },
    });
  },
};
