// Photographs: a drawing on paper, or whatever else one wants beside the words.
// A picture is drawn again, smaller, before it goes anywhere, so that the place,
// time and device that a camera writes into it stay out of it. The words that are
// told are its caption; without them it can be kept and not lent.

import { button, el, tell } from "./dom.ts";
import { addPart, change, dropPiece, pieceHere } from "./holding.ts";
import { newId } from "./ids.ts";
import { say } from "./strings.ts";
import type { Beside } from "./voice.ts";
import type { Piece } from "./waiting.ts";

const PIXELS_MAX = 1_600; // of the longer side
const QUALITY = 0.82;

export function photo(at: HTMLElement, beside: Beside): { show(piece: Piece | undefined): Promise<void> } {
  const said = el("p", { role: "status", class: "said" });
  const input = el("input", { type: "file", accept: "image/*", id: "photo-file", change: chosen });
  const sheet = el("canvas", { role: "img", "aria-label": say("photo.shown"), hidden: true });
  const away = button(say("photo.discard"), discard, { hidden: true });
  const caption = el("p", { class: "hint", hidden: true }, say("photo.caption"));
  const folded = el("details", { class: "more" }, el("summary", {}, say("photo.title")));
  folded.append(el("label", { for: "photo-file" }, say("photo.choose")), input, sheet, caption, away, said);
  at.append(folded);

  async function chosen(): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    const smaller = await redrawn(file);
    if (!smaller) return tell(said, say("photo.unreadable"));
    const id = await beside.begin();
    const piece: Piece = { media: smaller.type, once: newId(), ended: true, kept: false };
    await dropPiece(id, "photo");
    await addPart(id, "photo", 0, await smaller.arrayBuffer());
    beside.form.dataset.photo = piece.media;
    await beside.changed();
    await change(id, (held) => held && { ...held, photo: piece });
    input.value = "";
    await show(piece);
    tell(said, say("photo.kept_here"));
  }

  async function discard(): Promise<void> {
    const id = beside.id();
    await change(id, (held) => held && { ...held, photo: undefined });
    await dropPiece(id, "photo");
    delete beside.form.dataset.photo;
    await beside.changed();
    await show(undefined);
    tell(said, say("photo.discarded"));
    input.focus();
  }

  async function show(piece: Piece | undefined): Promise<void> {
    const data = piece && !piece.kept ? await pieceHere(beside.id(), "photo", piece.media) : null;
    const drawn = data && (await draw(data, sheet));
    sheet.hidden = away.hidden = caption.hidden = !drawn;
    if (drawn) folded.open = true;
  }

  return { show };
}

/** Draw a picture file onto a canvas, upright and within the limit. False: it is none. */
async function draw(file: Blob, onto: HTMLCanvasElement): Promise<boolean> {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, PIXELS_MAX / Math.max(picture.width, picture.height));
    onto.width = Math.max(1, Math.round(picture.width * scale));
    onto.height = Math.max(1, Math.round(picture.height * scale));
    onto.getContext("2d")!.drawImage(picture, 0, 0, onto.width, onto.height);
    picture.close();
    return true;
  } catch {
    return false;
  }
}

async function redrawn(file: Blob): Promise<Blob | null> {
  const sheet = document.createElement("canvas");
  if (!(await draw(file, sheet))) return null;
  const as = (type: string) => new Promise<Blob | null>((done) => sheet.toBlob(done, type, QUALITY));
  const webp = await as("image/webp");
  // A browser that cannot write WebP answers with PNG, which is far too large for a photograph.
  return webp?.type === "image/webp" ? webp : as("image/jpeg");
}
