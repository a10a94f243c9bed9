// The second argument of a handler: the environment, read from the host when first looked at.

const variables = {};
let isRead = false;

function read() {
  isRead = true;
  const list = host.env();
  for (let at = 0; at < list.length; at += 2) variables[list[at]] = list[at + 1];
}

/** Read it again when it is looked at again. */
export function reset() {
  isRead = false;
  for (const name of Object.keys(variables)) delete variables[name];
}

const traps = {};
for (const name of ['get', 'set', 'has', 'deleteProperty', 'ownKeys', 'getOwnPropertyDescriptor', 'defineProperty']) {
  const perform = Reflect[name];
  traps[name] = (target, ...rest) => {
    if (!isRead) read();
    return perform(target, ...rest);
  };
}

export const environment = new Proxy(variables, traps);
