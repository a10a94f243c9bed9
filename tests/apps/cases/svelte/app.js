import { render } from 'svelte/server';
import App from './App.svelte.js';

export default {
  fetch() {
    const { body } = render(App, { props: { items: ['a', '<b>', 'c'] } });
    return new Response(body);
  },
};
