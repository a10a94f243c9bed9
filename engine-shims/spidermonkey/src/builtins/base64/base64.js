// atob and btoa: https://html.spec.whatwg.org/#atob
import { exposeOperations, requireArguments } from '../webidl.js';
import { DOMException } from '../exception/exception.js';

const ABOVE_LATIN1 = /[^\0-\xff]/;

const operations = {
  atob(data) {
    requireArguments(arguments.length, 1, 'atob');
    const result = host.base64Decode(`${data}`);
    if (result === null) throw new DOMException('atob: the string is not correctly encoded', 'InvalidCharacterError');
    return result;
  },
  btoa(data) {
    requireArguments(arguments.length, 1, 'btoa');
    const text = `${data}`;
    if (ABOVE_LATIN1.test(text)) {
      throw new DOMException('btoa: the string has characters above U+00FF', 'InvalidCharacterError');
    }
    return host.base64Encode(text);
  },
};

export function install() {
  exposeOperations(operations);
}
