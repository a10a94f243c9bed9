// URLPattern: https://urlpattern.spec.whatwg.org/. The implementation is the package urlpattern-polyfill.
import { URLPattern } from 'urlpattern-polyfill/urlpattern';
import { defineInterface } from '../webidl.js';

export function install() {
  defineInterface({ URLPattern });
}
