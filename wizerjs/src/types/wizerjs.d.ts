// What an application finds besides the language itself; written by `wizerjs types`. A project that has this file among
// its sources needs the compiler options `"lib": ["esnext"], "types": []`: the libraries `dom` and `webworker` declare
// the same names, and many that are not here.
//
// Absent although TypeScript's `esnext` declares it: `SharedArrayBuffer`, as there are no threads.

/// <reference lib="esnext" />

// ---------------------------------------------------------------------------------------------------------------------
// Applications

/** What the entry module's default export may be. */
interface ExportedHandler<Environment = Record<string, string>> {
  /** Answers a request. */
  fetch(request: Request, env: Environment, context: ExecutionContext): Response | Promise<Response>;
}

/** The third argument of a handler. */
interface ExecutionContext {
  /** Keep the instance until this has settled; the response does not wait for it. */
  waitUntil(promise: unknown): void;
  /** Accepted, and without effect: there is no origin server behind an application. */
  passThroughOnException(): void;
}

/** The second argument of a command's `export function main(args, context)`, whose result is the exit code. */
interface CommandContext<Environment = Record<string, string>> {
  env: Environment;
  stdin: ReadableStream<Uint8Array>;
  /** Text goes through a `TextEncoderStream`. */
  stdout: WritableStream<Uint8Array>;
}

interface ExtendableEventInit extends EventInit {}

declare class ExtendableEvent extends Event {
  constructor(type: string, init?: ExtendableEventInit);
  waitUntil(promise: unknown): void;
}

interface FetchEventInit extends ExtendableEventInit {
  request: Request;
}

declare class FetchEvent extends ExtendableEvent {
  constructor(type: string, init: FetchEventInit);
  readonly request: Request;
  respondWith(response: Response | PromiseLike<Response>): void;
}

// ---------------------------------------------------------------------------------------------------------------------
// The global object: https://min-common-api.proposal.wintertc.org/

interface GlobalEventMap {
  error: ErrorEvent;
  fetch: FetchEvent;
  rejectionhandled: PromiseRejectionEvent;
  unhandledrejection: PromiseRejectionEvent;
}

declare function addEventListener<Type extends keyof GlobalEventMap>(
  type: Type,
  listener: (this: typeof globalThis, event: GlobalEventMap[Type]) => unknown,
  options?: boolean | AddEventListenerOptions,
): void;
declare function addEventListener(
  type: string,
  listener: EventListenerOrEventListenerObject | null,
  options?: boolean | AddEventListenerOptions,
): void;
declare function removeEventListener<Type extends keyof GlobalEventMap>(
  type: Type,
  listener: (this: typeof globalThis, event: GlobalEventMap[Type]) => unknown,
  options?: boolean | EventListenerOptions,
): void;
declare function removeEventListener(
  type: string,
  listener: EventListenerOrEventListenerObject | null,
  options?: boolean | EventListenerOptions,
): void;
declare function dispatchEvent(event: Event): boolean;

/** As an `error` listener, except that its arguments are the event's parts and that `true` prevents the report. */
type OnErrorEventHandler =
  | ((message: Event | string, filename?: string, line?: number, column?: number, error?: unknown) => unknown)
  | null;

declare var onerror: OnErrorEventHandler;
declare var onunhandledrejection: ((this: typeof globalThis, event: PromiseRejectionEvent) => unknown) | null;
declare var onrejectionhandled: ((this: typeof globalThis, event: PromiseRejectionEvent) => unknown) | null;

declare var self: typeof globalThis;
declare var navigator: WorkerNavigator;
declare var scheduler: Scheduler;
declare var crypto: Crypto;
declare var performance: Performance;
declare var console: Console;

declare function atob(data: string): string;
declare function btoa(data: string): string;
declare function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
declare function queueMicrotask(callback: () => void): void;
/** Report an exception as if nobody had caught it. */
declare function reportError(error: unknown): void;
declare function structuredClone<T>(value: T, options?: StructuredSerializeOptions): T;
declare function setTimeout(handler: (...args: any[]) => unknown, timeout?: number, ...args: unknown[]): number;
declare function setInterval(handler: (...args: any[]) => unknown, timeout?: number, ...args: unknown[]): number;
declare function clearTimeout(id?: number): void;
declare function clearInterval(id?: number): void;

declare class WorkerNavigator {
  private constructor();
  readonly userAgent: string;
}

declare class Scheduler {
  private constructor();
  wait(delay: number, options?: { signal?: AbortSignal }): Promise<void>;
}

/** A value of a kind that may be given to another context without copying it. */
type Transferable = ArrayBuffer | MessagePort | ReadableStream | WritableStream | TransformStream;

interface StructuredSerializeOptions {
  transfer?: Transferable[];
}

// ---------------------------------------------------------------------------------------------------------------------
// Console: https://console.spec.whatwg.org/

interface Console {
  assert(condition?: boolean, ...data: unknown[]): void;
  clear(): void;
  count(label?: string): void;
  countReset(label?: string): void;
  debug(...data: unknown[]): void;
  dir(item?: unknown, options?: unknown): void;
  dirxml(...data: unknown[]): void;
  error(...data: unknown[]): void;
  group(...data: unknown[]): void;
  groupCollapsed(...data: unknown[]): void;
  groupEnd(): void;
  info(...data: unknown[]): void;
  log(...data: unknown[]): void;
  table(data?: unknown, properties?: string[]): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
  timeLog(label?: string, ...data: unknown[]): void;
  trace(...data: unknown[]): void;
  warn(...data: unknown[]): void;
}

// ---------------------------------------------------------------------------------------------------------------------
// Events and aborting: https://dom.spec.whatwg.org/

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

declare class Event {
  constructor(type: string, init?: EventInit);
  static readonly NONE: 0;
  static readonly CAPTURING_PHASE: 1;
  static readonly AT_TARGET: 2;
  static readonly BUBBLING_PHASE: 3;
  readonly NONE: 0;
  readonly CAPTURING_PHASE: 1;
  readonly AT_TARGET: 2;
  readonly BUBBLING_PHASE: 3;
  readonly type: string;
  readonly target: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  /** @deprecated `target` */
  readonly srcElement: EventTarget | null;
  readonly eventPhase: number;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly defaultPrevented: boolean;
  readonly isTrusted: boolean;
  readonly timeStamp: number;
  /** @deprecated `stopPropagation` */
  cancelBubble: boolean;
  /** @deprecated `preventDefault` */
  returnValue: boolean;
  composedPath(): EventTarget[];
  preventDefault(): void;
  stopImmediatePropagation(): void;
  stopPropagation(): void;
  /** @deprecated */
  initEvent(type: string, bubbles?: boolean, cancelable?: boolean): void;
}

interface EventListener {
  (event: Event): unknown;
}

interface EventListenerObject {
  handleEvent(event: Event): unknown;
}

type EventListenerOrEventListenerObject = EventListener | EventListenerObject;

interface EventListenerOptions {
  capture?: boolean;
}

interface AddEventListenerOptions extends EventListenerOptions {
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

declare class EventTarget {
  constructor();
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  dispatchEvent(event: Event): boolean;
}

interface CustomEventInit<Detail = unknown> extends EventInit {
  detail?: Detail;
}

declare class CustomEvent<Detail = unknown> extends Event {
  constructor(type: string, init?: CustomEventInit<Detail>);
  readonly detail: Detail;
  /** @deprecated */
  initCustomEvent(type: string, bubbles?: boolean, cancelable?: boolean, detail?: Detail): void;
}

interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

declare class ErrorEvent extends Event {
  constructor(type: string, init?: ErrorEventInit);
  readonly message: string;
  readonly filename: string;
  readonly lineno: number;
  readonly colno: number;
  readonly error: any;
}

interface PromiseRejectionEventInit extends EventInit {
  promise: Promise<unknown>;
  reason?: unknown;
}

declare class PromiseRejectionEvent extends Event {
  constructor(type: string, init: PromiseRejectionEventInit);
  readonly promise: Promise<unknown>;
  readonly reason: any;
}

interface ProgressEventInit extends EventInit {
  lengthComputable?: boolean;
  loaded?: number;
  total?: number;
}

declare class ProgressEvent extends Event {
  constructor(type: string, init?: ProgressEventInit);
  readonly lengthComputable: boolean;
  readonly loaded: number;
  readonly total: number;
}

declare class AbortController {
  constructor();
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class AbortSignal extends EventTarget {
  private constructor();
  static abort(reason?: unknown): AbortSignal;
  static any(signals: Iterable<AbortSignal>): AbortSignal;
  static timeout(milliseconds: number): AbortSignal;
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((this: AbortSignal, event: Event) => unknown) | null;
  throwIfAborted(): void;
}

declare class DOMException {
  constructor(message?: string, name?: string);
  static readonly INDEX_SIZE_ERR: 1;
  static readonly DOMSTRING_SIZE_ERR: 2;
  static readonly HIERARCHY_REQUEST_ERR: 3;
  static readonly WRONG_DOCUMENT_ERR: 4;
  static readonly INVALID_CHARACTER_ERR: 5;
  static readonly NO_DATA_ALLOWED_ERR: 6;
  static readonly NO_MODIFICATION_ALLOWED_ERR: 7;
  static readonly NOT_FOUND_ERR: 8;
  static readonly NOT_SUPPORTED_ERR: 9;
  static readonly INUSE_ATTRIBUTE_ERR: 10;
  static readonly INVALID_STATE_ERR: 11;
  static readonly SYNTAX_ERR: 12;
  static readonly INVALID_MODIFICATION_ERR: 13;
  static readonly NAMESPACE_ERR: 14;
  static readonly INVALID_ACCESS_ERR: 15;
  static readonly VALIDATION_ERR: 16;
  static readonly TYPE_MISMATCH_ERR: 17;
  static readonly SECURITY_ERR: 18;
  static readonly NETWORK_ERR: 19;
  static readonly ABORT_ERR: 20;
  static readonly URL_MISMATCH_ERR: 21;
  static readonly QUOTA_EXCEEDED_ERR: 22;
  static readonly TIMEOUT_ERR: 23;
  static readonly INVALID_NODE_TYPE_ERR: 24;
  static readonly DATA_CLONE_ERR: 25;
  readonly INDEX_SIZE_ERR: 1;
  readonly DOMSTRING_SIZE_ERR: 2;
  readonly HIERARCHY_REQUEST_ERR: 3;
  readonly WRONG_DOCUMENT_ERR: 4;
  readonly INVALID_CHARACTER_ERR: 5;
  readonly NO_DATA_ALLOWED_ERR: 6;
  readonly NO_MODIFICATION_ALLOWED_ERR: 7;
  readonly NOT_FOUND_ERR: 8;
  readonly NOT_SUPPORTED_ERR: 9;
  readonly INUSE_ATTRIBUTE_ERR: 10;
  readonly INVALID_STATE_ERR: 11;
  readonly SYNTAX_ERR: 12;
  readonly INVALID_MODIFICATION_ERR: 13;
  readonly NAMESPACE_ERR: 14;
  readonly INVALID_ACCESS_ERR: 15;
  readonly VALIDATION_ERR: 16;
  readonly TYPE_MISMATCH_ERR: 17;
  readonly SECURITY_ERR: 18;
  readonly NETWORK_ERR: 19;
  readonly ABORT_ERR: 20;
  readonly URL_MISMATCH_ERR: 21;
  readonly QUOTA_EXCEEDED_ERR: 22;
  readonly TIMEOUT_ERR: 23;
  readonly INVALID_NODE_TYPE_ERR: 24;
  readonly DATA_CLONE_ERR: 25;
  /** @deprecated `name` */
  readonly code: number;
  readonly message: string;
  readonly name: string;
}

/** It inherits from `Error`, which a class declaration could not say without inheriting its static members. */
interface DOMException extends Error {}

// ---------------------------------------------------------------------------------------------------------------------
// Encodings: https://encoding.spec.whatwg.org/

type BufferSource = ArrayBufferView | ArrayBuffer;

interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

declare class TextDecoder {
  constructor(label?: string, options?: TextDecoderOptions);
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(input?: BufferSource, options?: { stream?: boolean }): string;
}

declare class TextEncoder {
  constructor();
  readonly encoding: "utf-8";
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoderStream {
  constructor(label?: string, options?: TextDecoderOptions);
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  readonly readable: ReadableStream<string>;
  readonly writable: WritableStream<BufferSource>;
}

declare class TextEncoderStream {
  constructor();
  readonly encoding: "utf-8";
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<string>;
}

// ---------------------------------------------------------------------------------------------------------------------
// Compression: https://compression.spec.whatwg.org/

type CompressionFormat = "deflate" | "deflate-raw" | "gzip";

declare class CompressionStream {
  constructor(format: CompressionFormat);
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<BufferSource>;
}

declare class DecompressionStream {
  constructor(format: CompressionFormat);
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<BufferSource>;
}

// ---------------------------------------------------------------------------------------------------------------------
// Addresses: https://url.spec.whatwg.org/ https://urlpattern.spec.whatwg.org/

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  static parse(url: string | URL, base?: string | URL): URL | null;
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  readonly searchParams: URLSearchParams;
  hash: string;
  toJSON(): string;
  toString(): string;
}

/** Iterators of pairs, names and values. */
type PairIterator<T> = IteratorObject<T, undefined, unknown>;

declare class URLSearchParams {
  constructor(init?: Iterable<Iterable<string>> | Record<string, string> | string | URLSearchParams);
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  toString(): string;
  forEach(callback: (value: string, name: string, parent: URLSearchParams) => void, thisArg?: unknown): void;
  entries(): PairIterator<[string, string]>;
  keys(): PairIterator<string>;
  values(): PairIterator<string>;
  [Symbol.iterator](): PairIterator<[string, string]>;
}

interface URLPatternInit {
  protocol?: string;
  username?: string;
  password?: string;
  hostname?: string;
  port?: string;
  pathname?: string;
  search?: string;
  hash?: string;
  baseURL?: string;
}

type URLPatternInput = string | URLPatternInit;

interface URLPatternComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}

interface URLPatternResult {
  inputs: URLPatternInput[];
  protocol: URLPatternComponentResult;
  username: URLPatternComponentResult;
  password: URLPatternComponentResult;
  hostname: URLPatternComponentResult;
  port: URLPatternComponentResult;
  pathname: URLPatternComponentResult;
  search: URLPatternComponentResult;
  hash: URLPatternComponentResult;
}

declare class URLPattern {
  constructor(input: URLPatternInput, baseURL: string, options?: { ignoreCase?: boolean });
  constructor(input?: URLPatternInput, options?: { ignoreCase?: boolean });
  /** Order by how specific a component is. */
  static compareComponent(component: keyof URLPatternInit, left: URLPattern, right: URLPattern): -1 | 0 | 1;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly hasRegExpGroups: boolean;
  test(input?: URLPatternInput, baseURL?: string): boolean;
  exec(input?: URLPatternInput, baseURL?: string): URLPatternResult | null;
}

// ---------------------------------------------------------------------------------------------------------------------
// Files: https://w3c.github.io/FileAPI/

type BlobPart = BufferSource | Blob | string;

interface BlobPropertyBag {
  type?: string;
  endings?: "native" | "transparent";
}

declare class Blob {
  constructor(parts?: Iterable<BlobPart>, options?: BlobPropertyBag);
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  slice(start?: number, end?: number, type?: string): Blob;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  text(): Promise<string>;
}

interface FilePropertyBag extends BlobPropertyBag {
  lastModified?: number;
}

declare class File extends Blob {
  constructor(parts: Iterable<BlobPart>, name: string, options?: FilePropertyBag);
  readonly name: string;
  readonly lastModified: number;
}

type FileReaderHandler = ((this: FileReader, event: ProgressEvent) => unknown) | null;

declare class FileReader extends EventTarget {
  constructor();
  static readonly EMPTY: 0;
  static readonly LOADING: 1;
  static readonly DONE: 2;
  readonly EMPTY: 0;
  readonly LOADING: 1;
  readonly DONE: 2;
  readonly readyState: 0 | 1 | 2;
  readonly result: string | ArrayBuffer | null;
  readonly error: DOMException | null;
  onabort: FileReaderHandler;
  onerror: FileReaderHandler;
  onload: FileReaderHandler;
  onloadend: FileReaderHandler;
  onloadstart: FileReaderHandler;
  onprogress: FileReaderHandler;
  abort(): void;
  readAsArrayBuffer(blob: Blob): void;
  /** @deprecated */
  readAsBinaryString(blob: Blob): void;
  readAsDataURL(blob: Blob): void;
  readAsText(blob: Blob, encoding?: string): void;
}

type FormDataEntryValue = File | string;

declare class FormData {
  constructor();
  append(name: string, value: string): void;
  append(name: string, value: Blob, filename?: string): void;
  delete(name: string): void;
  get(name: string): FormDataEntryValue | null;
  getAll(name: string): FormDataEntryValue[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  set(name: string, value: Blob, filename?: string): void;
  forEach(callback: (value: FormDataEntryValue, name: string, parent: FormData) => void, thisArg?: unknown): void;
  entries(): PairIterator<[string, FormDataEntryValue]>;
  keys(): PairIterator<string>;
  values(): PairIterator<FormDataEntryValue>;
  [Symbol.iterator](): PairIterator<[string, FormDataEntryValue]>;
}

// ---------------------------------------------------------------------------------------------------------------------
// Fetch: https://fetch.spec.whatwg.org/

type HeadersInit = Iterable<Iterable<string>> | Record<string, string> | Headers;

declare class Headers {
  constructor(init?: HeadersInit);
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  getSetCookie(): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  forEach(callback: (value: string, name: string, parent: Headers) => void, thisArg?: unknown): void;
  entries(): PairIterator<[string, string]>;
  keys(): PairIterator<string>;
  values(): PairIterator<string>;
  [Symbol.iterator](): PairIterator<[string, string]>;
}

type BodyInit = ReadableStream | Blob | BufferSource | FormData | URLSearchParams | string;
type RequestInfo = Request | string;

interface RequestInit {
  body?: BodyInit | null;
  cache?: "default" | "force-cache" | "no-cache" | "no-store" | "only-if-cached" | "reload";
  credentials?: "include" | "omit" | "same-origin";
  duplex?: "half";
  headers?: HeadersInit;
  integrity?: string;
  keepalive?: boolean;
  method?: string;
  mode?: "cors" | "no-cors" | "same-origin";
  priority?: "auto" | "high" | "low";
  redirect?: "error" | "follow" | "manual";
  referrer?: string;
  referrerPolicy?: string;
  signal?: AbortSignal | null;
}

declare class Request {
  constructor(input: RequestInfo | URL, init?: RequestInit);
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly destination: string;
  readonly referrer: string;
  readonly referrerPolicy: string;
  readonly mode: string;
  readonly credentials: string;
  readonly cache: string;
  readonly redirect: "error" | "follow" | "manual";
  readonly integrity: string;
  readonly keepalive: boolean;
  readonly isReloadNavigation: boolean;
  readonly isHistoryNavigation: boolean;
  readonly signal: AbortSignal;
  readonly duplex: "half";
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly bodyUsed: boolean;
  clone(): Request;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  formData(): Promise<FormData>;
  json(): Promise<any>;
  text(): Promise<string>;
}

interface ResponseInit {
  headers?: HeadersInit;
  status?: number;
  statusText?: string;
}

declare class Response {
  constructor(body?: BodyInit | null, init?: ResponseInit);
  static error(): Response;
  static json(data: unknown, init?: ResponseInit): Response;
  static redirect(url: string | URL, status?: number): Response;
  readonly type: "basic" | "cors" | "default" | "error" | "opaque" | "opaqueredirect";
  readonly url: string;
  readonly redirected: boolean;
  readonly status: number;
  readonly ok: boolean;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly bodyUsed: boolean;
  clone(): Response;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  formData(): Promise<FormData>;
  json(): Promise<any>;
  text(): Promise<string>;
}

// ---------------------------------------------------------------------------------------------------------------------
// Streams: https://streams.spec.whatwg.org/

interface QueuingStrategy<Chunk = any> {
  highWaterMark?: number;
  size?: (chunk: Chunk) => number;
}

declare class ByteLengthQueuingStrategy {
  constructor(init: { highWaterMark: number });
  readonly highWaterMark: number;
  readonly size: (chunk: ArrayBufferView) => number;
}

declare class CountQueuingStrategy {
  constructor(init: { highWaterMark: number });
  readonly highWaterMark: number;
  readonly size: () => 1;
}

interface StreamPipeOptions {
  preventAbort?: boolean;
  preventCancel?: boolean;
  preventClose?: boolean;
  signal?: AbortSignal;
}

interface UnderlyingSource<Chunk = any> {
  type?: undefined;
  start?: (controller: ReadableStreamDefaultController<Chunk>) => unknown;
  pull?: (controller: ReadableStreamDefaultController<Chunk>) => unknown;
  cancel?: (reason?: any) => unknown;
}

interface UnderlyingByteSource {
  type: "bytes";
  autoAllocateChunkSize?: number;
  start?: (controller: ReadableByteStreamController) => unknown;
  pull?: (controller: ReadableByteStreamController) => unknown;
  cancel?: (reason?: any) => unknown;
}

type ReadableStreamReadResult<Chunk> = { done: false; value: Chunk } | { done: true; value: Chunk | undefined };

interface ReadableStreamIteratorOptions {
  preventCancel?: boolean;
}

declare class ReadableStream<Chunk = any> {
  constructor(source: UnderlyingByteSource, strategy?: { highWaterMark?: number });
  constructor(source?: UnderlyingSource<Chunk>, strategy?: QueuingStrategy<Chunk>);
  static from<Chunk>(iterable: AsyncIterable<Chunk> | Iterable<Chunk | PromiseLike<Chunk>>): ReadableStream<Chunk>;
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
  getReader(options?: { mode?: undefined }): ReadableStreamDefaultReader<Chunk>;
  pipeThrough<Output>(
    transform: { readable: ReadableStream<Output>; writable: WritableStream<Chunk> },
    options?: StreamPipeOptions,
  ): ReadableStream<Output>;
  pipeTo(destination: WritableStream<Chunk>, options?: StreamPipeOptions): Promise<void>;
  tee(): [ReadableStream<Chunk>, ReadableStream<Chunk>];
  values(options?: ReadableStreamIteratorOptions): AsyncIteratorObject<Chunk, undefined, unknown>;
  [Symbol.asyncIterator](options?: ReadableStreamIteratorOptions): AsyncIteratorObject<Chunk, undefined, unknown>;
}

declare class ReadableStreamDefaultReader<Chunk = any> {
  constructor(stream: ReadableStream<Chunk>);
  readonly closed: Promise<undefined>;
  cancel(reason?: unknown): Promise<void>;
  read(): Promise<ReadableStreamReadResult<Chunk>>;
  releaseLock(): void;
}

declare class ReadableStreamBYOBReader {
  constructor(stream: ReadableStream);
  readonly closed: Promise<undefined>;
  cancel(reason?: unknown): Promise<void>;
  read<View extends ArrayBufferView>(view: View, options?: { min?: number }): Promise<ReadableStreamReadResult<View>>;
  releaseLock(): void;
}

declare class ReadableStreamBYOBRequest {
  private constructor();
  readonly view: Uint8Array<ArrayBuffer> | null;
  respond(bytesWritten: number): void;
  respondWithNewView(view: ArrayBufferView): void;
}

declare class ReadableStreamDefaultController<Chunk = any> {
  private constructor();
  readonly desiredSize: number | null;
  close(): void;
  enqueue(chunk?: Chunk): void;
  error(reason?: unknown): void;
}

declare class ReadableByteStreamController {
  private constructor();
  readonly byobRequest: ReadableStreamBYOBRequest | null;
  readonly desiredSize: number | null;
  close(): void;
  enqueue(chunk: ArrayBufferView): void;
  error(reason?: unknown): void;
}

interface UnderlyingSink<Chunk = any> {
  type?: undefined;
  start?: (controller: WritableStreamDefaultController) => unknown;
  write?: (chunk: Chunk, controller: WritableStreamDefaultController) => unknown;
  close?: () => unknown;
  abort?: (reason?: any) => unknown;
}

declare class WritableStream<Chunk = any> {
  constructor(sink?: UnderlyingSink<Chunk>, strategy?: QueuingStrategy<Chunk>);
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  getWriter(): WritableStreamDefaultWriter<Chunk>;
}

declare class WritableStreamDefaultWriter<Chunk = any> {
  constructor(stream: WritableStream<Chunk>);
  readonly closed: Promise<undefined>;
  readonly desiredSize: number | null;
  readonly ready: Promise<undefined>;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  releaseLock(): void;
  write(chunk?: Chunk): Promise<void>;
}

declare class WritableStreamDefaultController {
  private constructor();
  readonly signal: AbortSignal;
  error(reason?: unknown): void;
}

interface Transformer<Input = any, Output = any> {
  readableType?: undefined;
  writableType?: undefined;
  start?: (controller: TransformStreamDefaultController<Output>) => unknown;
  transform?: (chunk: Input, controller: TransformStreamDefaultController<Output>) => unknown;
  flush?: (controller: TransformStreamDefaultController<Output>) => unknown;
  cancel?: (reason: any) => unknown;
}

declare class TransformStream<Input = any, Output = any> {
  constructor(
    transformer?: Transformer<Input, Output>,
    writableStrategy?: QueuingStrategy<Input>,
    readableStrategy?: QueuingStrategy<Output>,
  );
  readonly readable: ReadableStream<Output>;
  readonly writable: WritableStream<Input>;
}

declare class TransformStreamDefaultController<Output = any> {
  private constructor();
  readonly desiredSize: number | null;
  enqueue(chunk?: Output): void;
  error(reason?: unknown): void;
  terminate(): void;
}

// ---------------------------------------------------------------------------------------------------------------------
// Messages: https://html.spec.whatwg.org/multipage/web-messaging.html

interface MessageEventInit<Data = any> extends EventInit {
  data?: Data;
  lastEventId?: string;
  origin?: string;
  ports?: MessagePort[];
  source?: MessagePort | null;
}

declare class MessageEvent<Data = any> extends Event {
  constructor(type: string, init?: MessageEventInit<Data>);
  readonly data: Data;
  readonly lastEventId: string;
  readonly origin: string;
  readonly ports: readonly MessagePort[];
  readonly source: MessagePort | null;
  /** @deprecated */
  initMessageEvent(
    type: string,
    bubbles?: boolean,
    cancelable?: boolean,
    data?: Data,
    origin?: string,
    lastEventId?: string,
    source?: MessagePort | null,
    ports?: MessagePort[],
  ): void;
}

declare class MessageChannel {
  constructor();
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}

declare class MessagePort extends EventTarget {
  private constructor();
  onclose: ((this: MessagePort, event: Event) => unknown) | null;
  onmessage: ((this: MessagePort, event: MessageEvent) => unknown) | null;
  onmessageerror: ((this: MessagePort, event: MessageEvent) => unknown) | null;
  close(): void;
  postMessage(message: unknown, options?: Transferable[] | StructuredSerializeOptions): void;
  start(): void;
}

// ---------------------------------------------------------------------------------------------------------------------
// Performance: https://w3c.github.io/hr-time/ https://w3c.github.io/user-timing/ https://w3c.github.io/performance-timeline/

type PerformanceEntryList = PerformanceEntry[];

interface PerformanceMarkOptions {
  detail?: unknown;
  startTime?: number;
}

interface PerformanceMeasureOptions {
  detail?: unknown;
  duration?: number;
  end?: number | string;
  start?: number | string;
}

declare class Performance extends EventTarget {
  private constructor();
  readonly timeOrigin: number;
  now(): number;
  mark(name: string, options?: PerformanceMarkOptions): PerformanceMark;
  clearMarks(name?: string): void;
  measure(name: string, startOrOptions?: string | PerformanceMeasureOptions, end?: string): PerformanceMeasure;
  clearMeasures(name?: string): void;
  getEntries(): PerformanceEntryList;
  getEntriesByName(name: string, type?: string): PerformanceEntryList;
  getEntriesByType(type: string): PerformanceEntryList;
  toJSON(): any;
}

declare class PerformanceEntry {
  protected constructor();
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly duration: number;
  toJSON(): any;
}

declare class PerformanceMark extends PerformanceEntry {
  constructor(name: string, options?: PerformanceMarkOptions);
  readonly detail: any;
  toJSON(): any;
}

declare class PerformanceMeasure extends PerformanceEntry {
  private constructor();
  readonly detail: any;
  toJSON(): any;
}

declare class PerformanceObserver {
  constructor(
    callback: (entries: PerformanceObserverEntryList, observer: PerformanceObserver, options: object) => unknown,
  );
  static readonly supportedEntryTypes: readonly string[];
  disconnect(): void;
  observe(options?: { buffered?: boolean; entryTypes?: string[]; type?: string }): void;
  takeRecords(): PerformanceEntryList;
}

declare class PerformanceObserverEntryList {
  private constructor();
  getEntries(): PerformanceEntryList;
  getEntriesByName(name: string, type?: string): PerformanceEntryList;
  getEntriesByType(type: string): PerformanceEntryList;
}

// ---------------------------------------------------------------------------------------------------------------------
// Web Crypto: https://w3c.github.io/webcrypto/

type HashName = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
type HashAlgorithmIdentifier = string | { name: string };
type NamedCurve = "P-256" | "P-384" | "P-521";
type KeyFormat = "jwk" | "pkcs8" | "raw" | "spki";
type KeyType = "private" | "public" | "secret";
type KeyUsage =
  | "decrypt"
  | "deriveBits"
  | "deriveKey"
  | "encrypt"
  | "sign"
  | "unwrapKey"
  | "verify"
  | "wrapKey";

interface Algorithm {
  name: string;
}

type AlgorithmIdentifier = string | Algorithm;

interface KeyAlgorithm {
  name: string;
}

interface AesCbcParams extends Algorithm {
  iv: BufferSource;
}

interface AesCtrParams extends Algorithm {
  counter: BufferSource;
  length: number;
}

interface AesGcmParams extends Algorithm {
  additionalData?: BufferSource;
  iv: BufferSource;
  tagLength?: number;
}

interface AesKeyGenParams extends Algorithm {
  length: number;
}

interface EcKeyGenParams extends Algorithm {
  namedCurve: NamedCurve;
}

interface EcdsaParams extends Algorithm {
  hash: HashAlgorithmIdentifier;
}

interface EcdhKeyDeriveParams extends Algorithm {
  public: CryptoKey;
}

interface HkdfParams extends Algorithm {
  hash: HashAlgorithmIdentifier;
  info: BufferSource;
  salt: BufferSource;
}

interface HmacKeyGenParams extends Algorithm {
  hash: HashAlgorithmIdentifier;
  length?: number;
}

interface HashedImportParams extends Algorithm {
  hash: HashAlgorithmIdentifier;
}

interface Pbkdf2Params extends Algorithm {
  hash: HashAlgorithmIdentifier;
  iterations: number;
  salt: BufferSource;
}

interface RsaHashedKeyGenParams extends Algorithm {
  hash: HashAlgorithmIdentifier;
  modulusLength: number;
  publicExponent: Uint8Array;
}

interface RsaOaepParams extends Algorithm {
  label?: BufferSource;
}

interface RsaPssParams extends Algorithm {
  saltLength: number;
}

interface JsonWebKey {
  alg?: string;
  crv?: string;
  d?: string;
  dp?: string;
  dq?: string;
  e?: string;
  ext?: boolean;
  k?: string;
  key_ops?: string[];
  kty?: string;
  n?: string;
  p?: string;
  q?: string;
  qi?: string;
  use?: string;
  x?: string;
  y?: string;
}

interface CryptoKeyPair {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

declare class CryptoKey {
  private constructor();
  readonly algorithm: KeyAlgorithm;
  readonly extractable: boolean;
  readonly type: KeyType;
  readonly usages: KeyUsage[];
}

declare class Crypto {
  private constructor();
  readonly subtle: SubtleCrypto;
  getRandomValues<View extends ArrayBufferView>(view: View): View;
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
}

type KeyImportAlgorithm = AlgorithmIdentifier | HashedImportParams | EcKeyGenParams;
type KeyDerivationAlgorithm = EcdhKeyDeriveParams | HkdfParams | Pbkdf2Params;
type CipherAlgorithm = AlgorithmIdentifier | AesCbcParams | AesCtrParams | AesGcmParams | RsaOaepParams;
type SignatureAlgorithm = AlgorithmIdentifier | EcdsaParams | RsaPssParams;

declare class SubtleCrypto {
  private constructor();
  decrypt(algorithm: CipherAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  deriveBits(algorithm: KeyDerivationAlgorithm, baseKey: CryptoKey, length?: number | null): Promise<ArrayBuffer>;
  deriveKey(
    algorithm: KeyDerivationAlgorithm,
    baseKey: CryptoKey,
    derivedKeyType: KeyImportAlgorithm | AesKeyGenParams | HmacKeyGenParams,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer>;
  encrypt(algorithm: CipherAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  exportKey(format: "jwk", key: CryptoKey): Promise<JsonWebKey>;
  exportKey(format: "pkcs8" | "raw" | "spki", key: CryptoKey): Promise<ArrayBuffer>;
  exportKey(format: KeyFormat, key: CryptoKey): Promise<ArrayBuffer | JsonWebKey>;
  generateKey(
    algorithm: RsaHashedKeyGenParams | EcKeyGenParams,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKeyPair>;
  generateKey(
    algorithm: AesKeyGenParams | HmacKeyGenParams,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  generateKey(
    algorithm: AlgorithmIdentifier,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey | CryptoKeyPair>;
  importKey(
    format: "jwk",
    data: JsonWebKey,
    algorithm: KeyImportAlgorithm,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  importKey(
    format: "pkcs8" | "raw" | "spki",
    data: BufferSource,
    algorithm: KeyImportAlgorithm,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  sign(algorithm: SignatureAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  unwrapKey(
    format: KeyFormat,
    wrappedKey: BufferSource,
    unwrappingKey: CryptoKey,
    unwrapAlgorithm: CipherAlgorithm,
    unwrappedKeyAlgorithm: KeyImportAlgorithm,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  verify(
    algorithm: SignatureAlgorithm,
    key: CryptoKey,
    signature: BufferSource,
    data: BufferSource,
  ): Promise<boolean>;
  wrapKey(
    format: KeyFormat,
    key: CryptoKey,
    wrappingKey: CryptoKey,
    wrapAlgorithm: CipherAlgorithm,
  ): Promise<ArrayBuffer>;
}

// ---------------------------------------------------------------------------------------------------------------------
// WebAssembly: https://webassembly.github.io/spec/js-api/

/**
 * The names exist so that code which asks for them gets an answer. The engine is WebAssembly itself and compiles none:
 * `validate` says false, and everything else ends in a `CompileError` that says why.
 */
declare namespace WebAssembly {
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  class Exception {
    constructor(...args: unknown[]);
  }
  class Global {
    constructor(...args: unknown[]);
  }
  class Instance {
    constructor(...args: unknown[]);
  }
  class Memory {
    constructor(...args: unknown[]);
  }
  class Module {
    constructor(...args: unknown[]);
  }
  class Table {
    constructor(...args: unknown[]);
  }
  class Tag {
    constructor(...args: unknown[]);
  }
  const JSTag: Tag;
  function compile(bytes: BufferSource): Promise<never>;
  function compileStreaming(source: Response | PromiseLike<Response>): Promise<never>;
  function instantiate(source: BufferSource | Module, imports?: object): Promise<never>;
  function instantiateStreaming(source: Response | PromiseLike<Response>, imports?: object): Promise<never>;
  function validate(bytes: BufferSource): false;
}
