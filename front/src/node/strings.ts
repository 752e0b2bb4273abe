// Sentences: what scripts say, in the language of the page. The page carries them
// as JSON, so that the same PO files translate them; English is in strings.json.
// It holds no sentence itself and counts nothing: a number is filled in as it is.

let said: Record<string, string> | null = null;

/** The sentence for a key, with `{name}` filled from `values`. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  if (!said) said = JSON.parse(document.getElementById("strings")?.textContent || "{}");
  const text = said![key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
