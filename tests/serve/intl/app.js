// Languages, scripts and time zones. Names are there in some forty languages, everything else in all.
const date = new Date(Date.UTC(2026, 6, 4, 12, 34, 56));
const shown = {
  "Unicode properties": /^\p{L}+$/u.test("Grüße") && !/\p{Script=Cyrillic}/u.test("abc"),
  normalize: ["e\u0301".normalize("NFC").length, "ﬁ".normalize("NFKD")],
  numbers: [1234567.891.toLocaleString("de"), 1234567.891.toLocaleString("hi"), 1234567.891.toLocaleString("sw")],
  currency: new Intl.NumberFormat("fr", { style: "currency", currency: "EUR" }).format(1234.5),
  compact: new Intl.NumberFormat("ko", { notation: "compact" }).format(123456789),
  date: date.toLocaleString("fr", { timeZone: "Europe/Paris", dateStyle: "full", timeStyle: "short" }),
  zone: date.toLocaleTimeString("en", { timeZone: "America/New_York", timeStyle: "full" }),
  calendar: date.toLocaleDateString("en-u-ca-hebrew", { timeZone: "UTC" }),
  plurals: [new Intl.PluralRules("ar").select(3), new Intl.PluralRules("pl").select(5)],
  relative: new Intl.RelativeTimeFormat("es", { numeric: "auto" }).format(-1, "day"),
  list: new Intl.ListFormat("de", { type: "disjunction" }).format(["a", "b", "c"]),
  collation: ["sv", "de"].map((language) => ["z", "ä", "a"].sort(new Intl.Collator(language).compare).join("")),
  words: Array.from(new Intl.Segmenter("ja", { granularity: "word" }).segment("吾輩は猫である"), ({ segment }) => segment),
  names: ["de", "sw"].map((language) => new Intl.DisplayNames(language, { type: "region" }).of("US")),
  case: "I".toLocaleLowerCase("tr"),
  local: [Intl.DateTimeFormat().resolvedOptions().timeZone, Intl.DateTimeFormat().resolvedOptions().locale, String(date)],
  unknown: attempt(() => date.toLocaleString("en", { timeZone: "Nowhere/Else" })),
};

function attempt(body) {
  try {
    return body();
  } catch (error) {
    return String(error);
  }
}

export default { fetch: () => Response.json(shown) };
