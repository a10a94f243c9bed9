import { read, optional } from '@s/p';
let message;
try { read('x'); } catch (error) { message = error.message; }
if (message !== 'fs.readFileSync does not exist here (@s/p/src/i.js)') throw new Error(message);
if (!optional().startsWith("cannot find the package 'optional-peer'")) throw new Error(optional());
export default { fetch: () => new Response(message) };
