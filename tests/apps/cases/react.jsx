import { Suspense, createContext, use, useContext, useMemo, useState } from 'react';
import { renderToReadableStream, renderToString } from 'react-dom/server';

const Theme = createContext('light');

function Item({ index }) {
  const theme = useContext(Theme);
  const [count] = useState(index * 2);
  const label = useMemo(() => `item ${index}`, [index]);
  return <li className={theme} data-count={count}>{label} &lt; {'"quoted"'}</li>;
}

function Page({ items }) {
  return (
    <Theme.Provider value="dark">
      <h1>Items</h1>
      <ul>{items.map(index => <Item key={index} index={index} />)}</ul>
    </Theme.Provider>
  );
}

function Later({ promise }) {
  return <p>{use(promise)}</p>;
}

export default {
  async fetch() {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const string = renderToString(<Page items={items} />);
    const promise = new Promise(resolve => setTimeout(() => resolve('late'), 1));
    const stream = await renderToReadableStream(<Suspense fallback={<i>wait</i>}><Later promise={promise} /></Suspense>);
    await stream.allReady;
    return new Response(string + await new Response(stream).text(), { headers: { 'content-type': 'text/html' } });
  },
};
