// Ids: 128 random bits in twenty-six letters and digits, as `model/ids.py` makes
// them. A browser makes one while it is offline and sends it later; sent twice,
// it is the same thing. It keeps no list of what it made.

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const N_LETTERS = 26;

/** Sixteen bytes as an id: 128 bits and two idle ones, five a letter. */
export function idOf(raw: Uint8Array): string {
  let out = "";
  for (let k = 0; k < N_LETTERS; k++) {
    let five = 0;
    for (let b = 5 * k; b < 5 * k + 5; b++) {
      five = (five << 1) | (b < 128 ? (raw[b >> 3] >> (7 - (b & 7))) & 1 : 0);
    }
    out += LETTERS[five];
  }
  return out;
}

/** A fresh id. `getRandomValues` is there on plain http too; `randomUUID` is not. */
export function newId(): string {
  return idOf(crypto.getRandomValues(new Uint8Array(16)));
}
