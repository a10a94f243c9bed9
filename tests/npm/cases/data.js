import { addDays, differenceInDays, format, formatISO, parseISO } from 'date-fns';
import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';
import { enableMapSet, produce } from 'immer';
import _ from 'lodash';
import protobuf from 'protobufjs';
import { from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';
import { v5, validate, version } from 'uuid';
import YAML from 'yaml';

dayjs.extend(utc);
enableMapSet();
const { root } = protobuf.parse('syntax = "proto3"; message M { string name = 1; repeated int32 ids = 2; map<string, double> m = 3; }');
const M = root.lookupType('M');

export default {
  async fetch() {
    const message = M.create({ name: 'ä', ids: [1, -2, 300], m: { pi: 3.5 } });
    const bytes = M.encode(message).finish();
    const state = { list: [1, 2, { deep: new Map([['a', 1]]) }] };
    const next = produce(state, draft => { draft.list[2].deep.set('b', 2); draft.list.push(3); });
    return Response.json({
      dateFns: [
        format(new Date(2020, 1, 29, 13, 5), "EEEE, d MMMM yyyy 'at' HH:mm"),
        differenceInDays(parseISO('2020-03-01'), parseISO('2020-02-01')),
        formatISO(addDays(new Date(2020, 0, 31), 30), { representation: 'date' }),
      ],
      dayjs: [dayjs.utc('2020-01-31').add(1, 'month').format('YYYY-MM-DD'), dayjs.utc(0).format('dddd')],
      immer: [state.list.length, next.list.length, [...next.list[2].deep]],
      lodash: [
        _.groupBy([1.2, 1.8, 2.1], Math.floor), _.chunk([1, 2, 3, 4, 5], 2), _.camelCase('foo bar-baz'),
        _.template('hello <%= user %>!')({ user: 'x' }), _.merge({ a: { b: 1 } }, { a: { c: 2 } }), _.debounce.length,
      ],
      protobuf: [[...bytes], M.toObject(M.decode(bytes))],
      rxjs: await lastValueFrom(from([1, 2, 3]).pipe(mergeMap(async n => n * 2), map(n => n + 1), toArray())),
      uuid: [v5('a', v5.URL), validate('x'), version('9cbd0536-5ffb-4744-8f15-a3971e4d7ee9')],
      yaml: [YAML.parse('a: [1, 2]\nb: &x {c: "ä"}\nd: *x\n'), YAML.stringify({ a: ['x', { y: null }], t: 'multi\nline' })],
    });
  },
};
