// Naming: where a text seems to name people. The twin of app/naming_hint.py, for
// whoever is still writing: nothing leaves the page for it. Lists come from there
// (tools/naming_lists.py), and tests/support/naming_vectors.json holds both to
// account. It is fetched only when somebody has written something and pauses.

import lists from "./naming_lists.json";

export type What = "kin" | "title" | "name";
export interface Hint {
  start: number;
  end: number;
  what: What;
  keep: [number, number] | null;
}

const N_HINTS_MAX = 40;
const held: Record<string, Set<string>> = {};
for (const [name, words] of Object.entries(lists)) held[name] = new Set(words.split(" "));
const folding = (name: string) => new Set([...held[name]].map(folded));
const KIN_BEFORE = new Set(["and", "y", "e"]);
const ME = new Set(["i", "yo", "me"]);

// ------------------------------------------------------------------ folding, as app/folding.py does

const ALIKE: Record<string, string> = {
  ı: "i", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ß: "ss",
  ى: "ي", ة: "ه", ٱ: "ا", ک: "ك", ی: "ي", ـ: "", "’": "'", "‘": "'",
};
const POINTS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc]/g;
const UNSEEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g;

export function folded(word: string): string {
  const bare = word.normalize("NFC").replace(UNSEEN, "").normalize("NFKD").toLowerCase().normalize("NFKD").replace(POINTS, "");
  return [...bare].map((c) => ALIKE[c] ?? c).join("").normalize("NFC");
}

// ------------------------------------------------------------------ looking

/** Where `text` names people, in order; `null` for writing in which nothing is known here. */
export function namesIn(text: string, lang: string): Hint[] | null {
  const letters = text.match(/\p{L}/gu) ?? [];
  const arabic = letters.filter((c) => c >= "\u0600" && c <= "\u06ff").length;
  if (arabic * 2 > letters.length) return inArabic(text).slice(0, N_HINTS_MAX);
  const cased = letters.filter((c) => /[\p{Lu}\p{Ll}]/u.test(c)).length;
  if (cased * 2 < letters.length) return null;
  return inCapitals(text, lang.split("-")[0].toLowerCase()).slice(0, N_HINTS_MAX);
}

interface Token {
  start: number;
  end: number;
  word: string;
  plain: string;
  capital: boolean;
  begins: boolean;
}

const WORD = /\p{L}+(?:['’-]\p{L}+)*\.?/gu;
const BEGIN = new Set('.!?…:;\n"“”«»¿¡—–-(');

function tokensOf(text: string): Token[] {
  return [...text.matchAll(WORD)].map((match) => {
    const start = match.index!;
    const bare = match[0].replace(/\.$/, "");
    const end = held.TITLES.has(folded(bare)) ? start + match[0].length : start + bare.length;
    const word = bare.replace(/['’]s$/, "");
    let at = start - 1;
    while (at >= 0 && (text[at] === " " || text[at] === "\t")) at--;
    const shouted = [...word].length > 1 && /\p{Lu}/u.test(word) && !/[\p{Ll}\p{Lt}]/u.test(word);
    const capital = /^\p{Lu}/u.test(word) && !shouted;
    return { start, end, word, plain: folded(word), capital, begins: at < 0 || BEGIN.has(text[at]) };
  });
}

function inCapitals(text: string, lang: string): Hint[] {
  const tokens = tokensOf(text);
  const inside = new Set(tokens.filter((t) => t.capital && !t.begins).map((t) => t.plain));
  const hints: Hint[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const last = nameFrom(tokens, i, inside, lang, text);
    if (last < 0) continue;
    const before = i > 0 && touch(text, tokens[i - 1], tokens[i]) ? tokens[i - 1] : null;
    let start = tokens[i].start;
    let what: What = "name";
    let keep: Hint["keep"] = null;
    if (before && held.KIN.has(before.plain) && (lang === "de" || !before.capital)) {
      start = i > 1 && held.MINE.has(tokens[i - 2].plain) ? tokens[i - 2].start : before.start;
      what = "kin";
      keep = [start, before.end];
    } else if (before && held.TITLES.has(before.plain)) {
      start = before.start;
      what = "title";
    }
    const name = tokens[last];
    hints.push({ start, end: name.end - (text.slice(name.start, name.end).endsWith(".") ? 1 : 0), what, keep });
    i = last;
  }
  return hints;
}

/** The last word of the name that begins at word `i`, or -1. */
function nameFrom(tokens: Token[], i: number, inside: Set<string>, lang: string, text: string): number {
  if (!isName(tokens, i, inside, lang, text)) return -1;
  let last = i;
  for (; last + 1 < tokens.length; last++) {
    const next = tokens[last + 1];
    if (!next.capital || next.begins || !touch(text, tokens[last], next) || held.NOBODY.has(next.plain)) break;
  }
  return last;
}

function isName(tokens: Token[], i: number, inside: Set<string>, lang: string, text: string): boolean {
  const one = tokens[i];
  if (!one.capital || [...one.word].length < 2) return false;
  const before = i > 0 && touch(text, tokens[i - 1], one) ? tokens[i - 1] : null;
  const after = i + 1 < tokens.length && touch(text, one, tokens[i + 1]) ? tokens[i + 1] : null;
  if (before && held.TITLES.has(before.plain) && !held.PLAIN.has(one.plain)) return true;
  if (["NOBODY", "PLAIN", "KIN", "TITLES"].some((list) => held[list].has(one.plain))) return false;
  if (before && held.KIN.has(before.plain)) return true;
  if (held.NAMES.has(one.plain)) return !isPlace(before, after);
  if (one.begins) {
    // A capital says nothing here. A name elsewhere in the text, or something only people do, does.
    const said = !!after && held.ONLY_PEOPLE.has(after.plain);
    const withMe = !!after && KIN_BEFORE.has(after.plain) && ME.has(tokens[i + 2]?.plain);
    return said || withMe || (inside.has(one.plain) && !held.ALSO_WORDS.has(one.plain));
  }
  if (lang === "de") return false; // every noun has a capital
  if (before && held.BEFORE_PLACES.has(before.plain)) return false;
  return !isPlace(before, after);
}

function isPlace(before: Token | null, after: Token | null): boolean {
  if (after && held.OF_PLACES.has(after.plain) && after.capital) return true;
  if (!before) return false;
  return held.AFTER_PLACES.has(before.plain) || (held.AFTER_PLACES_CAPITAL.has(before.plain) && before.capital);
}

/** Whether nothing but space stands between two words, or the stop of a title. */
function touch(text: string, a: Token, b: Token): boolean {
  const gap = text.slice(a.end, b.start);
  return /^[ \t]*$/.test(gap) || (held.TITLES.has(a.plain) && /^[ \t.]*$/.test(gap));
}

// ------------------------------------------------------------------ Arabic: no capitals

const ARABIC_WORD = /[\u0621-\u065f\u0670-\u06d3]+/g;
const ARABIC_NAMES = folding("ARABIC");
const ARABIC_EITHER = folding("ARABIC_ALSO_WORDS");
const BEFORE_ARABIC_NAMES = new Set([...held.ARABIC_KIN, ...held.ARABIC_TITLES]);

function inArabic(text: string): Hint[] {
  const words = [...text.matchAll(ARABIC_WORD)].map((m) => ({ start: m.index!, end: m.index! + m[0].length, plain: folded(m[0]) }));
  const hints: Hint[] = [];
  for (let i = 0; i < words.length; i++) {
    const { start, end, plain } = words[i];
    const bare = without(plain, BEFORE_ARABIC_NAMES);
    const next = words[i + 1];
    const sure = !!next && (ARABIC_NAMES.has(next.plain) || ARABIC_EITHER.has(next.plain));
    if (next && held.ARABIC_TITLES.has(bare) && (sure || (!held.ONLY_BEFORE_NAMES.has(bare) && !isLittle(next.plain)))) {
      hints.push({ start, end: next.end, what: "title", keep: null });
      i++;
    } else if (next && held.ARABIC_KIN.has(bare) && sure) {
      hints.push({ start, end: next.end, what: "kin", keep: [start, end] });
      i++;
    } else if (ARABIC_NAMES.has(without(plain, ARABIC_NAMES))) hints.push({ start, end, what: "name", keep: null });
  }
  return hints;
}

/** A word without the letter that was written on to it (and, so, to, with, like), where the rest is known. */
function without(word: string, known: Set<string>): string {
  return !known.has(word) && "وفبلك".includes(word[0]) && known.has(word.slice(1)) ? word.slice(1) : word;
}

/** Particles, and verbs as they mostly begin: no name stands there. */
function isLittle(word: string): boolean {
  return held.ARABIC_LITTLE.has(word) || /^(ال|ي|ت|وال)/.test(word);
}
