// Nights: to which morning a report belongs, and when it was told, on the
// dreamer's own clock. It asks no server what time it is: a device may be offline,
// and a wrong guess is a field that one can change.

// Until this hour whoever tells has the morning of this very day in mind. After it
// most still have, because people come together in the evening; but somebody may
// have been asleep already, so from here on the coming night is offered, one tap away.
export const NEW_NIGHT_HOUR = 15;

const two = (n: number) => String(n).padStart(2, "0");
const date = (d: Date) => `${String(d.getFullYear()).padStart(4, "0")}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;

/** The date of the morning that a report told at `now` is taken to belong to. */
export function nightOf(now: Date): string {
  return date(now);
}

/** The other morning it may belong to, or "" while there is none to think of. */
export function otherNight(now: Date): string {
  if (now.getHours() < NEW_NIGHT_HOUR) return "";
  return date(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 12));
}

/** A moment with its offset, to the second: 2026-11-25T07:10:00+01:00. */
export function toldAt(now: Date): string {
  const off = -now.getTimezoneOffset();
  const far = Math.abs(off);
  const zone = `${off < 0 ? "-" : "+"}${two(Math.floor(far / 60))}:${two(far % 60)}`;
  return `${date(now)}T${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}${zone}`;
}

/** The IANA name of this device's zone; UTC where it does not say. */
export function zoneName(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone && /^[A-Za-z0-9_+\-/]{1,64}$/.test(zone) ? zone : "UTC";
}
