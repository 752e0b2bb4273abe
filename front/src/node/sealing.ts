// Sealing at rest: drafts lie on this device encrypted (AES-256-GCM) with a key
// that scripts can use and never read out.
//
// What that is worth, honestly: somebody who looks through this browser's storage
// sees no words, a script that got in could not carry the key away, and once the
// key is dropped what lingers in the browser's files is hard to read. It is not
// worth more: the browser keeps the key in the same profile, so who has the
// unlocked device, or its whole disk and the skill, has the drafts. On plain http
// browsers give no such key; there drafts lie as they are, and the page says so.

import { read, within } from "./disk.ts";

/** What lies on the disk: sealed, or as it is where nothing can seal. */
export interface Box {
  iv?: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

export const canSeal = () => !!globalThis.crypto?.subtle;

interface KeyRow {
  name: "key";
  key: CryptoKey;
}

let here: CryptoKey | null = null; // where the device takes nothing, the page's own

/** This device's key; made at first need. Two tabs that make one at once keep the first. */
async function key(): Promise<CryptoKey> {
  const held = await read<KeyRow>("device", "key");
  if (held || here) return held?.key ?? here!;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    return await within<CryptoKey>(["device"], "readwrite", (of, hold) => {
      const ask = of("device").get("key");
      ask.onsuccess = () => {
        if (!ask.result) of("device").put({ name: "key", key: made });
        hold(ask.result?.key ?? made);
      };
    });
  } catch {
    return (here ??= made);
  }
}

/** Seal bytes for one place; a box that is moved to another place does not open. */
export async function seal(place: string, data: BufferSource): Promise<Box> {
  if (!canSeal()) return { data: await new Blob([data]).arrayBuffer() };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(place);
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, await key(), data) };
}

/** What is in a box, or null when its key is gone. */
export async function unseal(place: string, box: Box): Promise<ArrayBuffer | null> {
  if (!box.iv) return box.data;
  if (!canSeal()) return null;
  const additionalData = new TextEncoder().encode(place);
  try {
    return await crypto.subtle.decrypt({ name: "AES-GCM", iv: box.iv, additionalData }, await key(), box.data);
  } catch {
    return null;
  }
}

export const sealJson = (place: string, value: unknown) => seal(place, new TextEncoder().encode(JSON.stringify(value)));

export async function unsealJson<T>(place: string, box: Box): Promise<T | null> {
  const data = await unseal(place, box);
  return data ? (JSON.parse(new TextDecoder().decode(data)) as T) : null;
}
