// Tellings here: what of gatherings lies on this device, by whose it is: tellings that no node
// has answered yet, and what is being written in a gathering's field. Where they lie and who may
// let go of them is said here once; what is in them and when they go is the gathering's page's.

import { amend, readAll } from "./disk.ts";
import type { Box } from "./sealing.ts";

/** A telling on its way: the same to the letter until the node has answered it. */
export interface TellingHere {
  name: string;
  gathering: string;
  owner: string; // who was signed in when it was told; "" for nobody
  once: string;
  at: string;
  box: Box;
}

/** What stands in a gathering's field. */
export interface WritingHere {
  name: string;
  box: Box;
}

const TELLING = "telling ";
const WRITING = "writing ";
const beginning = <T>(start: string) => readAll<T>("device", IDBKeyRange.bound(start, `${start}~`));

export const tellingName = (g: string, once: string) => `${TELLING}${g} ${once}`;
export const writingName = (g: string, author: string) => `${WRITING}${g} ${author}`;

/** Tellings that wait, of one gathering or of all. */
export const tellingsHere = (g = "") => beginning<TellingHere>(g ? `${TELLING}${g} ` : TELLING);

export const isOf = (row: TellingHere, owner: string) => !row.owner || row.owner === owner;

/** Let go of everything of somebody's; answers how many tellings of others are still here. */
export async function letGoOfTellings(owner: string): Promise<number> {
  const tellings = await tellingsHere();
  const writings = (await beginning<WritingHere>(WRITING)).filter((row) => row.name.endsWith(` ${owner}`));
  const own = tellings.filter((row) => isOf(row, owner));
  for (const { name } of [...own, ...writings]) await amend("device", name, () => null);
  return tellings.length - own.length;
}
