// Filling in what a browser knows and a person would have to look up: the code behind
// the # of an invitation's link, which no server ever sees, and the time zone. Nothing
// that somebody typed is written over.

import { all } from "./dom.ts";

export function fillIn(): void {
  const code = location.hash.slice(1);
  if (/^[0-9A-Za-z-]{8,40}$/.test(code)) {
    for (const field of all<HTMLInputElement>("[data-code]")) field.value ||= code;
    history.replaceState(null, "", location.pathname); // it is on nobody's screen any longer
  }
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  for (const field of all<HTMLInputElement>("[data-zone]")) field.value ||= timeZone ?? "";
}
