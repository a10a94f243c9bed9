// Timers fire in order; intervals repeat until cleared.
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
setInterval(() => {}, 1000);
export default {
  async fetch() {
    const order = [];
    setTimeout(() => order.push("20"), 20);
    setTimeout(() => order.push("cancelled"), 5).valueOf();
    const cancelled = setTimeout(() => order.push("never"), 5);
    clearTimeout(cancelled);
    setTimeout((text) => order.push(text), 10, "10 with argument");
    let ticks = 0;
    const interval = setInterval(() => {
      order.push(`tick ${++ticks}`);
      if (ticks === 2) clearInterval(interval);
    }, 30);
    queueMicrotask(() => order.push("microtask"));
    order.push("sync");
    await sleep(200);
    return new Response(order.join("\n"));
  },
};
