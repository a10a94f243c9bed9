// Shortest paths with a heap: arrays used as a priority queue, maps of lists.
const edges = new Map();
for (let i = 0; i < 150; i++) edges.set(i, [1, 7, 13, 31].map((step) => ({ to: (i * step + step) % 150, cost: ((i * step) % 19) + 1 })));

class Heap {
  items = [];
  push(item) {
    let i = this.items.push(item) - 1;
    while (i > 0 && this.items[(i - 1) >> 1].cost > item.cost) {
      this.items[i] = this.items[(i - 1) >> 1];
      i = (i - 1) >> 1;
    }
    this.items[i] = item;
  }
  pop() {
    const [top] = this.items, last = this.items.pop();
    if (this.items.length > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= this.items.length) break;
        if (child + 1 < this.items.length && this.items[child + 1].cost < this.items[child].cost) child++;
        if (this.items[child].cost >= last.cost) break;
        this.items[i] = this.items[child];
        i = child;
      }
      this.items[i] = last;
    }
    return top;
  }
}

export function run() {
  const best = new Map(), heap = new Heap();
  heap.push({ node: 0, cost: 0 });
  while (heap.items.length > 0) {
    const { node, cost } = heap.pop();
    if (best.has(node)) continue;
    best.set(node, cost);
    for (const edge of edges.get(node)) heap.push({ node: edge.to, cost: cost + edge.cost });
  }
  return [...best.values()].reduce((sum, cost) => sum + cost, 0) + " " + best.size;
}
