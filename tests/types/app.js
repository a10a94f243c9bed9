// Uses everything that the declarations name, so that the compiler has seen each of them used and the engine has run it.
// Members that are deprecated are here as well: they exist.

/** @param {unknown} condition */
function assert(condition) {
  if (!condition) throw new Error("assertion failed");
}

/** @param {() => unknown} action */
async function fails(action) {
  try {
    await action();
  } catch (error) {
    return /** @type {Error} */ (error);
  }
  throw new Error("nothing was thrown");
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const bytes = encoder.encode("hello");

const parts = {
  async globals() {
    assert(self === globalThis && navigator instanceof WorkerNavigator && navigator.userAgent.length > 0);
    assert(atob(btoa("x")) === "x");
    const results = /** @type {string[]} */ ([]);
    queueMicrotask(() => results.push("microtask"));
    await new Promise((resolve) => setTimeout(resolve, 1));
    const interval = setInterval(() => results.push("interval"), 1);
    assert(scheduler instanceof Scheduler);
    await scheduler.wait(10, { signal: new AbortController().signal });
    clearInterval(interval);
    clearTimeout(setTimeout(/** @param {string} text */ (text) => results.push(text), 1000, "late"));
    assert(results.includes("microtask") && results.includes("interval"));
    assert(structuredClone({ a: [1] }, { transfer: [new ArrayBuffer(1)] }).a[0] === 1);
    const answer = await fetch("data:text/plain,hello");
    assert((await answer.text()) === "hello");
  },

  async errors() {
    const seen = /** @type {string[]} */ ([]);
    onerror = (message, filename, line, column, error) => {
      seen.push(`${message} ${typeof filename} ${typeof line} ${typeof column} ${error}`);
      return true;
    };
    const listener = (/** @type {ErrorEvent} */ event) => {
      const { message, filename, lineno, colno, error } = event;
      seen.push([message, typeof filename, typeof lineno, typeof colno, error].join());
      event.preventDefault();
    };
    addEventListener("error", listener);
    reportError(new Error("reported"));
    removeEventListener("error", listener);
    onerror = null;
    assert(seen.length === 2);
    onunhandledrejection = (event) => {
      assert(event.promise instanceof Promise);
      seen.push(`${event.reason}`);
      event.preventDefault();
    };
    onrejectionhandled = (event) => {
      seen.push(`${event.reason}`);
    };
    const rejection = Promise.reject("nobody listens");
    await scheduler.wait(1);
    rejection.catch(() => {});
    await scheduler.wait(1);
    assert(seen.join() === [...seen.slice(0, 2), "nobody listens", "nobody listens"].join());
    onunhandledrejection = null;
    onrejectionhandled = null;
    assert(new ErrorEvent("error", { message: "m" }).message === "m");
    assert(new PromiseRejectionEvent("x", { promise: Promise.resolve() }).reason === undefined);
    const exception = new DOMException("m", "AbortError");
    assert(exception.code === DOMException.ABORT_ERR && exception.message === "m" && exception.name === "AbortError");
    assert(exception instanceof Error);
  },

  console() {
    console.assert(true);
    console.clear();
    console.count("a");
    console.countReset("a");
    console.debug("debug");
    console.dir({});
    console.dirxml({});
    console.error("error");
    console.group("group");
    console.groupCollapsed("group");
    console.groupEnd();
    console.groupEnd();
    console.info("info");
    console.log("log");
    console.table([{ a: 1 }], ["a"]);
    console.time("t");
    console.timeLog("t");
    console.timeEnd("t");
    console.trace("trace");
    console.warn("warn");
  },

  events() {
    const target = new EventTarget();
    const event = new CustomEvent("x", { detail: 1, bubbles: true, cancelable: true });
    let count = 0;
    const listener = (/** @type {Event} */ seen) => {
      assert(seen.target === target && seen.currentTarget === target && seen.srcElement === target);
      assert(seen.eventPhase === Event.AT_TARGET && seen.composedPath().length === 1);
      count += 1;
      seen.preventDefault();
      seen.stopPropagation();
      seen.stopImmediatePropagation();
    };
    target.addEventListener("x", listener, { once: true, passive: false });
    target.addEventListener("x", { handleEvent: () => assert(false) });
    assert(!target.dispatchEvent(event) && count === 1);
    target.removeEventListener("x", listener);
    assert(event.detail === 1 && event.type === "x" && event.bubbles && event.cancelable && !event.composed);
    assert(event.defaultPrevented && !event.isTrusted && event.timeStamp >= 0);
    assert(event.cancelBubble === true || event.cancelBubble === false);
    assert(event.returnValue === false);
    event.initCustomEvent("y", false, false, 2);
    const plain = new Event("x");
    plain.initEvent("z");
    assert(event.type === "y" && plain.type === "z" && dispatchEvent(plain));
    assert(new ProgressEvent("x", { lengthComputable: true, loaded: 1, total: 2 }).total === 2);
    const { lengthComputable, loaded } = new ProgressEvent("x");
    assert(!lengthComputable && loaded === 0);
    addEventListener("fetch", (fetched) => fetched.respondWith(new Response("")));
    const extendable = new ExtendableEvent("x");
    const fetchEvent = new FetchEvent("x", { request: new Request("http://localhost/") });
    assert(fetchEvent.request instanceof Request && typeof extendable.waitUntil === "function");
  },

  async abort() {
    const controller = new AbortController();
    const { signal } = controller;
    let aborted = 0;
    signal.onabort = () => {
      aborted += 1;
    };
    controller.abort("why");
    assert(signal.aborted && signal.reason === "why" && aborted === 1);
    assert((await fails(() => AbortSignal.any([signal]).throwIfAborted())) === /** @type {unknown} */ ("why"));
    assert(AbortSignal.abort().aborted && !AbortSignal.timeout(1000).aborted);
  },

  async encodings() {
    assert(encoder.encoding === "utf-8" && decoder.encoding === "utf-8" && decoder.fatal && decoder.ignoreBOM);
    assert(decoder.decode(bytes, { stream: false }) === "hello");
    const { read, written } = encoder.encodeInto("hello", new Uint8Array(3));
    assert(read === 3 && written === 3);
    const encoding = new TextEncoderStream();
    const decoding = new TextDecoderStream("utf-8", { fatal: true, ignoreBOM: true });
    assert(encoding.encoding === "utf-8" && decoding.encoding === "utf-8" && decoding.fatal && decoding.ignoreBOM);
    const text = ReadableStream.from(["hel", "lo"]).pipeThrough(encoding).pipeThrough(decoding);
    assert((await Array.fromAsync(text)).join("") === "hello");
  },

  async compression() {
    for (const format of /** @type {CompressionFormat[]} */ (["gzip", "deflate", "deflate-raw"])) {
      const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
      const { readable, writable } = new DecompressionStream(format);
      compressed.pipeTo(writable);
      assert((await new Response(readable).text()) === "hello");
    }
  },

  addresses() {
    const url = new URL("/p?q=1#h", "http://user:password@localhost:8080");
    url.protocol = "https:";
    url.hash = "#i";
    const { username, password, host, hostname, port, pathname, search, origin, href } = url;
    assert([username, password, host, hostname, port].join() === "user,password,localhost:8080,localhost,8080");
    assert(pathname === "/p" && search === "?q=1" && origin === "https://localhost:8080");
    assert(url.toString() === href && url.toJSON() === href && URL.canParse(href) && URL.parse("x") === null);
    url.searchParams.append("r", "2");
    const parameters = new URLSearchParams(url.search);
    parameters.set("a", "3");
    parameters.sort();
    assert(parameters.size === 3 && parameters.get("r") === "2" && parameters.getAll("a").length === 1);
    assert(parameters.has("a", "3"));
    parameters.delete("a");
    assert(parameters.toString() === "q=1&r=2" && [...parameters].length === 2);
    assert([...parameters.keys(), ...parameters.values(), ...parameters.entries()].length === 6);
    parameters.forEach((value, name, parent) => assert(parent.get(name) === value));

    const pattern = new URLPattern({ pathname: "/books/:id" }, { ignoreCase: true });
    const result = pattern.exec("http://localhost/books/7");
    assert(pattern.test({ pathname: "/books/7" }) && result?.pathname.groups["id"] === "7" && !pattern.hasRegExpGroups);
    const wild = new URLPattern("*", "http://localhost");
    assert([pattern.protocol, pattern.username, pattern.password, pattern.hostname, pattern.port].join("") === "*****");
    assert(pattern.pathname === "/books/:id" && pattern.search === "*" && pattern.hash === "*");
    assert(URLPattern.compareComponent("pathname", pattern, wild) === 1);
  },

  async files() {
    const blob = new Blob(["a", bytes, new Blob(["b"])], { type: "text/plain", endings: "transparent" });
    assert(blob.size === 7 && blob.type === "text/plain" && (await blob.text()) === "ahellob");
    assert((await blob.slice(1, 6, "x").arrayBuffer()).byteLength === 5 && (await blob.bytes()).length === 7);
    assert((await new Response(blob.stream()).text()) === "ahellob");
    const file = new File([blob], "name", { lastModified: 1 });
    assert(file.name === "name" && file.lastModified === 1);

    const reader = new FileReader();
    const seen = /** @type {string[]} */ ([]);
    const note = (/** @type {ProgressEvent} */ event) => void seen.push(event.type);
    reader.onloadstart = note;
    reader.onprogress = note;
    reader.onload = note;
    reader.onabort = note;
    reader.onerror = note;
    const read = (/** @type {() => void} */ start) => {
      start();
      return new Promise((resolve) => {
        reader.onloadend = () => resolve(reader.result);
      });
    };
    assert((await read(() => reader.readAsText(blob, "utf-8"))) === "ahellob");
    assert((await read(() => reader.readAsDataURL(blob))) === "data:text/plain;base64,YWhlbGxvYg==");
    assert((await read(() => reader.readAsBinaryString(blob))) === "ahellob");
    assert((await read(() => reader.readAsArrayBuffer(blob))) instanceof ArrayBuffer);
    assert(reader.readyState === FileReader.DONE && reader.error === null && seen.includes("load"));
    reader.abort();

    const form = new FormData();
    form.append("a", "1");
    form.append("file", blob, "name");
    form.set("b", "2");
    assert(form.get("a") === "1" && form.getAll("file").length === 1 && form.has("b"));
    form.delete("b");
    assert([...form, ...form.keys(), ...form.values(), ...form.entries()].length === 8);
    form.forEach((value, name, parent) => assert(parent.get(name) === value));
    assert((await new Response(form).formData()).get("a") === "1");
  },

  async fetching() {
    const headers = new Headers([["a", "1"]]);
    headers.append("set-cookie", "x=1");
    headers.set("b", "2");
    assert(headers.get("a") === "1" && headers.has("b") && headers.getSetCookie().length === 1);
    headers.delete("b");
    assert([...headers, ...headers.keys(), ...headers.values(), ...headers.entries()].length === 8);
    headers.forEach((value, name, parent) => assert(parent.get(name) === value));

    const request = new Request("http://localhost/", { method: "POST", headers, body: "1", duplex: "half" });
    const { method, url, destination, referrer, referrerPolicy, mode, credentials, cache, redirect, integrity } = request;
    assert(method === "POST" && url === "http://localhost/" && request.headers.has("a"));
    const texts = [destination, referrer, referrerPolicy, mode, credentials, cache, redirect, integrity];
    assert(texts.every((text) => typeof text === "string"));
    assert(!request.keepalive && !request.isReloadNavigation && !request.isHistoryNavigation);
    assert(!request.signal.aborted && request.duplex === "half" && request.body !== null && !request.bodyUsed);
    assert((await request.clone().json()) === 1 && (await request.clone().text()) === "1");
    assert((await request.clone().bytes()).length === 1 && (await request.clone().blob()).size === 1);
    assert((await request.arrayBuffer()).byteLength === 1);

    const response = Response.json({ a: 1 }, { status: 201, statusText: "made", headers });
    assert(response.status === 201 && response.ok && response.statusText === "made" && response.headers.has("a"));
    assert(response.type === "default" && response.url === "" && !response.redirected);
    assert(!response.bodyUsed && response.body !== null);
    assert((await response.clone().json()).a === 1 && (await response.clone().text()) === '{"a":1}');
    assert((await response.clone().bytes()).length === 7 && (await response.clone().blob()).size === 7);
    assert((await response.arrayBuffer()).byteLength === 7);
    assert(Response.error().type === "error" && Response.redirect("http://localhost/", 302).status === 302);
    assert((await fails(() => new Response("x").formData())) instanceof TypeError);
  },

  async readable() {
    /** @type {ReadableStream<string>} */
    const stream = new ReadableStream({
      start(controller) {
        assert(controller instanceof ReadableStreamDefaultController && controller.desiredSize === 2);
        controller.enqueue("a");
        controller.enqueue("b");
        controller.close();
      },
      cancel() {},
    }, new CountQueuingStrategy({ highWaterMark: 2 }));
    const [one, other] = stream.tee();
    assert(stream.locked && (await Array.fromAsync(one.values({ preventCancel: false }))).join("") === "ab");
    const reader = new ReadableStreamDefaultReader(other);
    assert((await reader.read()).value === "a");
    reader.releaseLock();
    const next = other.getReader();
    await next.cancel("enough");
    await next.closed;
    await ReadableStream.from([1]).cancel();

    const byteStream = new ReadableStream({
      type: "bytes",
      pull(controller) {
        assert(controller instanceof ReadableByteStreamController && (controller.desiredSize ?? 0) >= 0);
        const { byobRequest } = controller;
        if (!(byobRequest instanceof ReadableStreamBYOBRequest) || byobRequest.view === null) return;
        byobRequest.view.set([1, 2]);
        if (byobRequest.view.byteLength > 2) byobRequest.respond(2);
        else byobRequest.respondWithNewView(byobRequest.view);
      },
    });
    const byob = byteStream.getReader({ mode: "byob" });
    assert(byob instanceof ReadableStreamBYOBReader);
    const { value } = await byob.read(new Uint8Array(4), { min: 1 });
    assert(value?.length === 2 && (await byob.read(new Uint8Array(2))).value?.length === 2);
    byob.releaseLock();
    assert(await fails(() => byob.closed));
    const failing = new ReadableStream({ type: "bytes", start: (controller) => controller.error(new Error("e")) });
    assert((await fails(() => failing.getReader().read())).message === "e");
  },

  async writable() {
    const chunks = /** @type {string[]} */ ([]);
    /** @type {WritableStream<string>} */
    const stream = new WritableStream({
      start(controller) {
        assert(controller instanceof WritableStreamDefaultController && !controller.signal.aborted);
        assert(typeof controller.error === "function");
      },
      write(chunk) {
        chunks.push(chunk);
      },
    }, { highWaterMark: 1, size: () => 1 });
    const writer = stream.getWriter();
    assert(writer instanceof WritableStreamDefaultWriter && stream.locked && writer.desiredSize === 1);
    await writer.ready;
    await writer.write("a");
    writer.releaseLock();
    await ReadableStream.from(["b"]).pipeTo(stream, { preventClose: true });
    await stream.close();
    assert(chunks.join("") === "ab" && (await stream.getWriter().closed) === undefined);
    await new WritableStream().getWriter().close();
    await new WritableStream().getWriter().abort("no");
    await new WritableStream().abort("no");
  },

  async transform() {
    /** @type {TransformStream<string, string>} */
    const upper = new TransformStream({
      transform(chunk, controller) {
        assert(controller instanceof TransformStreamDefaultController && controller.desiredSize !== null);
        controller.enqueue(chunk.toUpperCase());
        if (chunk === "stop") controller.terminate();
      },
      flush(controller) {
        controller.error(new Error("flushed"));
      },
    });
    const seen = await Array.fromAsync(ReadableStream.from(["a", "stop"]).pipeThrough(upper));
    assert(seen.join("") === "ASTOP");
    const { highWaterMark, size } = new ByteLengthQueuingStrategy({ highWaterMark: 8 });
    assert(highWaterMark === 8 && size(bytes) === 5 && new CountQueuingStrategy({ highWaterMark: 1 }).size() === 1);
  },

  async messages() {
    const { port1, port2 } = new MessageChannel();
    assert(port1 instanceof MessagePort);
    const received = new Promise((resolve) => {
      port2.onmessage = (event) => resolve(event.data);
    });
    port2.onmessageerror = null;
    port2.onclose = null;
    port2.start();
    port1.postMessage({ a: 1 }, { transfer: [] });
    assert((await received).a === 1);
    port1.close();
    const event = new MessageEvent("x", { data: 1, ports: [port2] });
    assert(event.data === 1 && event.ports.length === 1 && event.origin === "");
    assert(event.lastEventId === "" && event.source === null);
    event.initMessageEvent("y");
  },

  async performance() {
    assert(performance instanceof Performance && performance.now() >= 0 && performance.timeOrigin > 0);
    const seen = /** @type {string[]} */ ([]);
    const observer = new PerformanceObserver((list) => {
      assert(list instanceof PerformanceObserverEntryList && list.getEntries().length === 2);
      seen.push(...list.getEntriesByType("mark").map((entry) => entry.name));
      seen.push(...list.getEntriesByName("length").map((entry) => entry.name));
    });
    observer.observe({ entryTypes: ["mark", "measure"] });
    const mark = performance.mark("start", { detail: 1 });
    const measure = performance.measure("length", { start: "start", detail: 2 });
    assert(mark instanceof PerformanceMark && mark instanceof PerformanceEntry && mark.detail === 1);
    assert(measure instanceof PerformanceMeasure && measure.detail === 2 && measure.duration >= 0);
    assert(mark.entryType === "mark" && mark.startTime >= 0 && mark.toJSON().name === "start");
    await scheduler.wait(5);
    assert(seen.join() === "start,length" && observer.takeRecords().length === 0);
    observer.disconnect();
    assert(performance.getEntries().length === 2 && performance.getEntriesByName("start", "mark").length === 1);
    assert(performance.getEntriesByType("measure").length === 1 && performance.toJSON().timeOrigin > 0);
    performance.clearMarks("start");
    performance.clearMeasures();
    assert(performance.getEntries().length === 0 && PerformanceObserver.supportedEntryTypes.includes("mark"));
  },

  async cryptography() {
    const { subtle } = crypto;
    assert(crypto instanceof Crypto && subtle instanceof SubtleCrypto && crypto.randomUUID().length === 36);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    assert((await subtle.digest("SHA-256", bytes)).byteLength === 32);
    const aes = await subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt", "wrapKey", "unwrapKey"]);
    assert(aes instanceof CryptoKey && aes.type === "secret" && aes.extractable && aes.usages.length === 4);
    assert(aes.algorithm.name === "AES-GCM");
    const secret = await subtle.encrypt({ name: "AES-GCM", iv }, aes, bytes);
    assert(decoder.decode(await subtle.decrypt({ name: "AES-GCM", iv }, aes, secret)) === "hello");
    const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const signature = await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, bytes);
    assert(await subtle.verify({ name: "ECDSA", hash: "SHA-256" }, pair.publicKey, signature, bytes));
    const jwk = await subtle.exportKey("jwk", pair.publicKey);
    assert(jwk.crv === "P-256");
    const wrapped = await subtle.wrapKey("raw", aes, aes, { name: "AES-GCM", iv });
    const unwrapped = await subtle.unwrapKey("raw", wrapped, aes, { name: "AES-GCM", iv }, "AES-GCM", true, ["encrypt"]);
    assert(unwrapped.usages.join() === "encrypt");
    const password = await subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits", "deriveKey"]);
    const parameters = { name: "PBKDF2", hash: "SHA-256", salt: bytes, iterations: 2 };
    assert((await subtle.deriveBits(parameters, password, 128)).byteLength === 16);
    const derived = await subtle.deriveKey(parameters, password, { name: "AES-GCM", length: 128 }, false, ["encrypt"]);
    assert(!derived.extractable);
  },

  async webAssembly() {
    const { CompileError, LinkError, RuntimeError, Exception, Global, Instance, Memory, Module, Table, Tag, JSTag } = WebAssembly;
    assert(!WebAssembly.validate(bytes) && JSTag instanceof Tag);
    for (const Class of [Exception, Global, Instance, Memory, Module, Table, Tag]) {
      assert((await fails(() => new Class())) instanceof CompileError);
    }
    assert((await fails(() => WebAssembly.compile(bytes))) instanceof CompileError);
    assert((await fails(() => WebAssembly.instantiate(bytes))) instanceof CompileError);
    assert((await fails(() => WebAssembly.compileStreaming(new Response()))) instanceof CompileError);
    assert((await fails(() => WebAssembly.instantiateStreaming(new Response()))) instanceof CompileError);
    assert(new LinkError("m").message === "m" && new RuntimeError() instanceof Error);
  },
};

/** @satisfies {ExportedHandler} */
const handler = {
  async fetch(request, env, context) {
    assert(request.url !== "" && typeof env === "object");
    context.waitUntil(Promise.resolve());
    context.passThroughOnException();
    /** @type {Record<string, string>} */
    const results = {};
    for (const [name, part] of Object.entries(parts)) {
      try {
        await part();
        results[name] = "ok";
      } catch (error) {
        results[name] = `${error} ${/** @type {Error} */ (error).stack}`;
      }
    }
    return Response.json(results);
  },
};

export default handler;
