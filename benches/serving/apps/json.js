// An API: a body of 2 KB parsed, mapped, grouped, summed, and written.
export const type = "application/json";

export function respond(body) {
  const groups = {};
  for (const { team, score, tags } of JSON.parse(body).rows.map((row) => ({ ...row, score: row.score * 2 }))) {
    const group = (groups[team] ??= { count: 0, total: 0, tags: {} });
    group.count++;
    group.total += score;
    for (const tag of tags) group.tags[tag] = (group.tags[tag] ?? 0) + 1;
  }
  return JSON.stringify(groups);
}
