import { greeting } from './lib/greeting.js';
addEventListener('fetch', event => event.respondWith(new Response(greeting)));
