// why: it is made for the server of Node.js (`node:http`), which does not exist here; `hono` or `h3` have routes too
// says: METHODS.map is not a function
import express from 'express';

const app = express();
app.get('/', (request, response) => response.send('hello'));

export default { fetch: (request) => app.handle(request) };
