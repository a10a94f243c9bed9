import { from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';

export default {
  async fetch() {
    const doubled = from([1, 2, 3]).pipe(mergeMap(async n => n * 2), map(n => n + 1), toArray());
    return Response.json(await lastValueFrom(doubled));
  },
};
