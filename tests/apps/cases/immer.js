import { enableMapSet, produce } from 'immer';

enableMapSet();

export default {
  fetch() {
    const state = { list: [1, 2, { deep: new Map([['a', 1]]) }] };
    const next = produce(state, draft => { draft.list[2].deep.set('b', 2); draft.list.push(3); });
    return Response.json([state.list.length, next.list.length, [...next.list[2].deep]]);
  },
};
