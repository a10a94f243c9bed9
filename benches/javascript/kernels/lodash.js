// Lists of 200 through `lodash`: grouped, sorted by two keys, cloned deeply, merged.
import _ from "lodash";

const rows = Array.from({ length: 200 }, (__, i) => ({ id: i, team: `t${i % 7}`, score: (i * 37) % 101, meta: { tags: [i % 3, i % 5] } }));

export function run() {
  const groups = _.groupBy(rows, "team");
  const sums = _.mapValues(groups, (group) => _.sumBy(group, "score"));
  const sorted = _.orderBy(rows, ["score", "id"], ["desc", "asc"]).slice(0, 20);
  const merged = _.merge({}, _.keyBy(_.cloneDeep(sorted), "id"), { 5: { extra: true } });
  return JSON.stringify([sums, Object.keys(merged).length, _.uniq(_.flatMap(rows, "meta.tags"))]);
}
