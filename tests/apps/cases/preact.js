import { h } from 'preact';
import { useState } from 'preact/hooks';
import { render } from 'preact-render-to-string';

const Counter = ({ start }) => {
  const [count] = useState(start);
  return h('button', { class: 'c', onClick: () => {} }, 'count ', count);
};

export default {
  fetch: () => new Response(render(h('div', { id: 'a' }, [1, 2, 3].map(start => h(Counter, { key: start, start }))))),
};
