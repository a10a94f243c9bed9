import { f } from 'p';
interface Unused { a: number }
function mine(): void {
  f(2);
}
mine();
export default { fetch() {} };
