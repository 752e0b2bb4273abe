// Counting: sentences with a number in them, in the plural form that the language asks for.
// The page carries every form; which one a number takes is the browser's to know.

let forms: Record<string, Record<string, string>> = {};
let rules: Intl.PluralRules | null = null;
let figures: Intl.NumberFormat | null = null;

/** What the page carries (`gathering_values.COUNTED`). */
export function countIn(held: Record<string, Record<string, string>>): void {
  forms = held;
  const lang = document.documentElement.lang || "en";
  rules = new Intl.PluralRules(lang);
  figures = new Intl.NumberFormat(lang);
}

export const figure = (n: number) => figures?.format(n) ?? String(n);

/** The sentence with `{n}` still in it. */
export function form(what: string, n: number): string {
  const held = forms[what] ?? {};
  return held[rules?.select(n) ?? "other"] ?? held.other ?? "";
}

export function count(what: string, n: number, filled: Record<string, string | number> = {}): string {
  const values: Record<string, string | number> = { n: figure(n), ...filled };
  return form(what, n).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
