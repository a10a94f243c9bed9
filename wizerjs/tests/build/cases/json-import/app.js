import data from './data.json' with { type: 'json' };
import text from './note.txt';
if (data.a !== 1 || text !== 'a note\n') throw new Error('not what the files say');
export default { fetch: () => Response.json([data, text]) };
