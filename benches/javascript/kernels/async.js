// Handlers as they are written: async functions, middleware, `Promise.all`, try and finally.
const sleepless = async (value) => value;
const layers = Array.from({ length: 8 }, (_, i) => async (context, next) => {
  context.order.push(i);
  try {
    return await next();
  } finally {
    context.order.push(-i);
  }
});

function dispatch(context, i = 0) {
  return i < layers.length ? layers[i](context, () => dispatch(context, i + 1)) : sleepless(context.order.length);
}

export async function run() {
  let sum = 0;
  for (let request = 0; request < 20; request++) {
    const context = { order: [] };
    const values = await Promise.all([dispatch(context), sleepless(1), sleepless(2)]);
    for (const value of values) sum += value;
    sum += context.order.length;
  }
  return String(sum);
}
