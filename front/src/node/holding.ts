// Holding: waiting reports and their pieces on this device, sealed. The only file
// that knows both how they lie there and what they mean.

import { amend, drop, piecesOf, readAll } from "./disk.ts";
import { seal, sealJson, unseal, unsealJson, type Box } from "./sealing.ts";
import { announce } from "./news.ts";
import type { Told, Waiting, What } from "./waiting.ts";

interface Part {
  report: string;
  what: What;
  i: number;
  box: Box;
}

export const allWaiting = () => readAll<Waiting>("reports");
export const sealTold = (id: string, told: Told) => sealJson(`report/${id}`, told);
export const openTold = (id: string, box: Box) => unsealJson<Told>(`report/${id}`, box);

/** Change one waiting report as one step, and let every tab know. */
export async function change(
  id: string,
  step: (held: Waiting | undefined) => Waiting | null | undefined,
): Promise<Waiting | undefined> {
  const after = await amend<Waiting>("reports", id, (held) => {
    const next = step(held);
    return next === held ? undefined : next;
  });
  announce({ changed: id });
  return after;
}

/** Let go of a report on this device, and of everything beside it. */
export async function letGo(id: string): Promise<void> {
  await drop("pieces", piecesOf(id));
  await change(id, () => null);
}

export async function addPart(report: string, what: What, i: number, data: BufferSource): Promise<void> {
  const box = await seal(`piece/${report}/${what}/${i}`, data);
  await amend<Part>("pieces", [report, what, i], () => ({ report, what, i, box }));
}

/** A voice or photograph as far as it lies here; null when nothing does. */
export async function pieceHere(report: string, what: What, media: string): Promise<Blob | null> {
  const parts = await readAll<Part>("pieces", piecesOf(report, what));
  const data: ArrayBuffer[] = [];
  for (const part of parts) {
    const open = await unseal(`piece/${report}/${what}/${part.i}`, part.box);
    if (open) data.push(open);
  }
  return data.length ? new Blob(data, { type: media }) : null;
}

export const dropPiece = (report: string, what: What) => drop("pieces", piecesOf(report, what));

/** The same report under a new id: its words, and what is beside it and not yet on the node. */
export async function copied(w: Waiting, id: string, once: () => string): Promise<Waiting | null> {
  const told = await openTold(w.id, w.words);
  if (!told) return null;
  const made: Waiting = {
    id,
    owner: w.owner,
    at: w.at,
    n: 1,
    words: await sealTold(id, told),
    empty: w.empty,
    ready: true,
    finished: w.finished,
    version: 0,
    n_kept: 0,
  };
  for (const what of ["voice", "photo"] as What[]) {
    const piece = w[what];
    const data = piece && !piece.kept && (await pieceHere(w.id, what, piece.media));
    if (!piece || !data) continue;
    await addPart(id, what, 0, await data.arrayBuffer());
    made[what] = { ...piece, once: once(), ended: true };
  }
  return made;
}
