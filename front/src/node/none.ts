// Nothing this morning: a real entry, kept with one tap, and undone with another,
// whether or not the node has it by then.

import { away } from "./draft.ts";
import { field } from "./form.ts";
import { allWaiting, change, sealTold } from "./holding.ts";
import { newId } from "./ids.ts";
import { author } from "./me.ts";
import { nightOf, toldAt, zoneName } from "./nights.ts";
import type { Told, Waiting } from "./waiting.ts";

/** Write it down on this device, ready to go; its id. */
export async function noneKept(form: HTMLFormElement): Promise<string> {
  const id = newId();
  const now = new Date();
  const night = field(form, "night")?.value || nightOf(now);
  const told: Told = { kind: "none", night, told_at: toldAt(now), zone: zoneName(), text: "" };
  await write(id, told, { n: 1, version: 0, n_kept: 0 });
  return id;
}

/** Take it away again. */
export async function noneUndone(id: string): Promise<void> {
  if ((await allWaiting()).some((w) => w.id === id)) return away(id, newId());
  // The node has it, and this device has let go of it: an entry that only takes it away.
  const told: Told = { kind: "none", night: "", told_at: "", zone: "", text: "" };
  await write(id, told, { n: 1, version: 1, n_kept: 1, forget: newId() });
}

async function write(id: string, told: Told, more: Pick<Waiting, "n" | "version" | "n_kept" | "forget">): Promise<void> {
  const words = await sealTold(id, told);
  const owner = await author();
  const at = new Date().toISOString();
  await change(id, () => ({ id, owner, at, words, empty: false, ready: true, finished: true, ...more }));
}
