// The form where one tells: what its fields say as a telling, and a telling put
// back into its fields. It keeps nothing and sends nothing.

import { all, one } from "./dom.ts";
import { nightOf, toldAt, zoneName } from "./nights.ts";
import type { Told } from "./waiting.ts";

const TAG_CHARS_MAX = 40;
const N_TAGS_MAX = 24;

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export function field(form: HTMLFormElement, name: string): Field | null {
  return one<Field>(`[name="${name}"]:not([type=radio]):not(button)`, form);
}

function radio(form: HTMLFormElement, name: string): string {
  return one<HTMLInputElement>(`input[type=radio][name="${name}"]:checked`, form)?.value ?? "";
}

/** Tags as they are written: between commas of any script, each once. */
export function tagsIn(text: string): string[] {
  const found = text.split(/[,،、\n]/).map((t) => t.trim().slice(0, TAG_CHARS_MAX).trim());
  return [...new Set(found.filter(Boolean))].slice(0, N_TAGS_MAX);
}

/** What the form says now. When it was told is the moment of its first letter. */
export function toldIn(form: HTMLFormElement): Told {
  const value = (name: string) => field(form, name)?.value ?? "";
  const at = field(form, "told_at");
  if (at && !at.value) at.value = toldAt(new Date());
  const told: Told = {
    kind: radio(form, "kind") || "dream",
    night: value("night") || nightOf(new Date()),
    told_at: value("told_at") || toldAt(new Date()),
    zone: value("zone") || zoneName(),
    text: value("text"),
  };
  const more = told as unknown as Record<string, unknown>;
  // "As the page" is said as the page's language.
  const page = document.documentElement.lang.slice(0, 2);
  told.lang = value("lang") || page || undefined;
  for (const name of ["title", "kept_out", "answers", "drawing"]) if (value(name)) more[name] = value(name);
  for (const name of ["voice", "photo"]) {
    const media = form.dataset[name];
    if (media) more[name] = media;
  }
  if (radio(form, "feeling")) told.feeling = radio(form, "feeling");
  if (told.feeling && radio(form, "intensity")) told.intensity = Number(radio(form, "intensity"));
  const tags = tagsIn(value("tags"));
  if (tags.length) told.tags = tags;
  return told;
}

/** Whether there is nothing to keep yet: "gone" and "nothing" are something. */
export function isEmpty(told: Told): boolean {
  if (told.kind === "white" || told.kind === "none") return false;
  return !told.text.trim() && !told.drawing && !told.voice && !told.photo;
}

/** Put a telling into the form, as if it had been written there. */
export function fill(form: HTMLFormElement, told: Told): void {
  for (const name of ["text", "title", "lang", "kept_out", "answers", "drawing", "night", "zone", "told_at"]) {
    const into = field(form, name);
    if (into) into.value = String((told as unknown as Record<string, unknown>)[name] ?? "");
  }
  const tags = field(form, "tags");
  if (tags) tags.value = (told.tags ?? []).join(", ");
  for (const [name, value] of [["kind", told.kind], ["feeling", told.feeling ?? ""], ["intensity", told.intensity ?? ""]]) {
    for (const dot of all<HTMLInputElement>(`input[type=radio][name="${name}"]`, form)) {
      dot.checked = dot.value === String(value);
    }
  }
  for (const name of ["voice", "photo"] as const) {
    if (told[name]) form.dataset[name] = told[name];
    else delete form.dataset[name];
  }
  form.dispatchEvent(new Event("filled"));
}

/** A form for the next one: as the page came, with tonight's date and this device's zone. */
export function fresh(form: HTMLFormElement): void {
  form.reset();
  for (const name of ["told_at", "answers", "drawing"]) {
    const held = field(form, name);
    if (held) held.value = "";
  }
  delete form.dataset.voice;
  delete form.dataset.photo;
  guess(form);
  form.dispatchEvent(new Event("filled"));
}

/** The night and the zone, where the form says none yet. */
export function guess(form: HTMLFormElement): void {
  const night = field(form, "night");
  const zone = field(form, "zone");
  // A page that was kept for offline, or written by a node in another zone, does not know today.
  if (night && !form.dataset.report) night.value = nightOf(new Date());
  if (zone && !form.dataset.report) zone.value = zoneName();
}
