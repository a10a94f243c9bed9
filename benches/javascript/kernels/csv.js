// 200 lines of CSV with quoted fields, parsed character by character, and summed.
const text = Array.from({ length: 200 }, (_, i) => `${i},"name ""${i}""",${i * 1.5},plain text,"a, b"`).join("\n");

function parse(text) {
  const rows = [];
  let row = [], field = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') { field += '"'; i++; }
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ",") { row.push(field); field = ""; }
    else if (c === "\n") { row.push(field); rows.push(row); row = []; field = ""; }
    else field += c;
  }
  row.push(field);
  rows.push(row);
  return rows;
}

export function run() {
  const rows = parse(text);
  let sum = 0;
  for (const row of rows) sum += Number(row[2]);
  return `${rows.length} ${sum} ${rows[7][1]}`;
}
