import { b } from './a.js';
export default { fetch() {} };
