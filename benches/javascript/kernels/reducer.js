// A store in the manner of Redux: state copied with spread for every action.
const initial = { items: {}, order: [], total: 0, ui: { open: false, filter: "all" } };

function reduce(state, { type, ...action }) {
  switch (type) {
    case "add": return { ...state, items: { ...state.items, [action.id]: { ...action, count: 1 } }, order: [...state.order, action.id], total: state.total + action.price };
    case "more": return { ...state, items: { ...state.items, [action.id]: { ...state.items[action.id], count: state.items[action.id].count + 1 } } };
    case "toggle": return { ...state, ui: { ...state.ui, open: !state.ui.open } };
    default: return state;
  }
}
const actions = Array.from({ length: 90 }, (_, i) =>
  i % 3 === 0 ? { type: "add", id: `i${i}`, price: i } : i % 3 === 1 ? { type: "more", id: `i${i - 1}` } : { type: "toggle" });

export function run() {
  const state = actions.reduce(reduce, initial);
  return `${state.order.length} ${state.total} ${state.ui.open} ${Object.values(state.items).reduce((sum, item) => sum + item.count, 0)}`;
}
