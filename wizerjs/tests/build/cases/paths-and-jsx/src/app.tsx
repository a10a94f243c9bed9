import { h } from '@/lib/h';
const seen: string[] = [];
function decorated(target: unknown, name: string) { seen.push(name); }
class A { @decorated method() {} }
const page = <p>text</p>;
if (page !== '<p>text</p>' || seen[0] !== 'method') throw new Error(`${page} ${seen}`);
export default { fetch: () => new Response(page) };
