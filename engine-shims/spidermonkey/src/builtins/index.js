// The bundle's entry: install every API, and export what the runtime calls (see README.md).
// The order matters where one API is used while another is evaluated: exceptions before streams.
import { install as installException } from './exception/exception.js';
import { install as installStack } from './exception/stack.js';
import { install as installEvent } from './event/event.js';
import { install as installEventTarget } from './event/target.js';
import { install as installAbort } from './abort/abort.js';
import { install as installConsole } from './console/console.js';
import { install as installConsolePlatform } from './console/platform.js';
import { install as installStream } from './stream/stream.js';
import { install as installAsyncContext } from './async_context/async_context.js';
import { install as installBase64 } from './base64/base64.js';
import { install as installEncoding } from './encoding/encoding.js';
import { install as installEncodingStream } from './encoding/stream.js';
import { install as installCompression } from './compression/compression.js';
import { install as installUrl } from './url/url.js';
import { install as installSearchParams } from './url/search_params.js';
import { install as installUrlPattern } from './url_pattern/url_pattern.js';
import { install as installTimer, reset as resetTimers } from './timer/timer.js';
import { install as installBlob } from './blob/blob.js';
import { install as installFileReader } from './blob/file_reader.js';
import { install as installFormData } from './form_data/form_data.js';
import { install as installHeaders } from './headers/headers.js';
import { install as installRequest } from './request/request.js';
import { install as installResponse } from './response/response.js';
import { install as installFetch } from './fetch/fetch.js';
import { install as installMessage } from './message/message.js';
import { install as installStructuredClone } from './structured_clone/structured_clone.js';
import { install as installPlatformClasses } from './structured_clone/platform.js';
import { install as installPerformance, reset as resetPerformance } from './performance/performance.js';
import { install as installCrypto } from './crypto/crypto.js';
import { install as installWebAssembly } from './web_assembly/web_assembly.js';
import { install as installGlobal } from './global/global.js';
import { reset as resetEnvironment } from './handler/environment.js';
import { install as installHandler, reset as resetHandler } from './handler/handler.js';

installException();
installStack();
installEvent();
installEventTarget();
installAbort();
installConsole();
installStream();
installAsyncContext();
installBase64();
installEncoding();
installEncodingStream();
installCompression();
installUrl();
installSearchParams();
installUrlPattern();
installTimer();
installBlob();
installFileReader();
installFormData();
installHeaders();
installRequest();
installResponse();
installFetch();
installMessage();
installStructuredClone();
installPlatformClasses();
installPerformance();
installCrypto();
installWebAssembly();
installGlobal();
installHandler();
installConsolePlatform();

export { loaded, dispatch, callMain as main } from './handler/handler.js';
export { complete } from './operation.js';
export { show } from './console/format.js';
export { unhandledRejection, rejectionHandled } from './global/global.js';
export { warmUp } from './warm_up.js';

/** Forget what belongs to the requests of a build, and keep what the application made of them. */
export function forgetRequests() {
  resetTimers();
  resetEnvironment();
}

export function resetAfterWarmUp() {
  forgetRequests();
  resetPerformance();
  resetHandler();
}
