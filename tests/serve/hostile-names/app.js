// Header names, header values and addresses that would mean something else on the wire never get there: the guest refuses
// them, in responses and in requests of its own. What speaks of the connection is the host's and is left out.
const refused = {
  "name with a space": () => ({ "a b": "c" }),
  "name with a colon": () => ({ "a:b": "c" }),
  "empty name": () => ({ "": "c" }),
  "name with a line break": () => ({ "a\r\nb": "c" }),
  "name beyond ASCII": () => ({ "ä": "c" }),
  "value with a line break": () => ({ a: "b\r\nset-cookie: c=d" }),
  "value with a lone line feed": () => ({ a: "b\nset-cookie: c=d" }),
  "value with NUL": () => ({ a: "b\0c" }),
  "value beyond a byte": () => ({ a: "\u{10a}" }),
};

async function outcome(action) {
  try {
    return `accepted: ${await action()}`;
  } catch (error) {
    return error.name;
  }
}

const routes = {
  async "/headers"() {
    const lines = [];
    for (const [name, headers] of Object.entries(refused)) {
      const outcomes = await Promise.all([
        outcome(() => new Response("", { headers: headers() })),
        outcome(() => fetch("http://127.0.0.1:1/", { headers: headers() })),
        outcome(() => Object.entries(headers()).forEach(([name, value]) => new Headers().append(name, value))),
      ]);
      lines.push(`${name}: ${outcomes.join(", ")}`);
    }
    return new Response(lines.join("\n"));
  },
  async "/addresses"() {
    const addresses = [
      "http://local host/", "http://localhost\u0000/", "http://%00/", "http://localhost:99999/", "http://[::g]/", "http:///",
      "//localhost/", "/path", "", "file:///etc/passwd", "ftp://localhost/", "javascript:alert(1)", "http://a b@localhost/",
    ];
    const lines = await Promise.all(addresses.map(async (address) => (
      `${JSON.stringify(address)}: ${await outcome(() => fetch(address))}`
    )));
    return new Response(lines.join("\n"));
  },
  // Line breaks and tabs go from addresses, and everything else that is not ASCII is encoded.
  async "/cleaned"() {
    const { url } = new Request("http://localhost/a\r\nHost: evil\t b\u00e4?\nc#d\u0000");
    return new Response(url);
  },
  async "/connection"() {
    const headers = { connection: "upgrade", "transfer-encoding": "chunked", "keep-alive": "1", upgrade: "x", a: "b" };
    return new Response("body", { headers: { ...headers, "content-length": "1" } });
  },
  async "/method"() {
    const methods = ["GET / HTTP/1.1\r\n", "", "CONNECT", "TRACE", "TRACK", "G T"];
    const lines = await Promise.all(methods.map((method) => (
      outcome(() => fetch("http://127.0.0.1:1/", { method }))
    )));
    return new Response(lines.join("\n"));
  },
  async "/status-text"() {
    return new Response(await outcome(() => new Response("", { statusText: "OK\r\nset-cookie: a=b" })));
  },
};

export default {
  fetch(request) {
    return routes[new URL(request.url).pathname]();
  },
};
