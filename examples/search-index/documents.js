// 2,000 documents, made up: a title and some eighty words each, the same ones every time.

const SYLLABLES = "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu".split(" ");

/** Numbers below `limit`, one after the other: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function generator(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const next = generator(2026);
const words = Array.from({ length: 4000 }, () =>
  Array.from({ length: 2 + next(3) }, () => SYLLABLES[next(SYLLABLES.length)]).join(""));

/** A word; small indices come up more often, as in languages. */
const word = () => words[Math.floor((next(1000) / 1000) ** 3 * words.length)];

const text = (length) => Array.from({ length }, word).join(" ");

export const documents = Array.from({ length: 2000 }, (_, id) => ({ id, title: text(4), text: text(60 + next(40)) }));
