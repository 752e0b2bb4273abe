// Gatherings: times in the zone of whoever looks, and a device that many people use, which
// forgets. Browsers keep a page as it was for whoever goes back; here such a page is read
// afresh at once, and what somebody wrote and walked away from goes after a while.

import { all, one } from "./dom.ts";

const LEFT_MS = 3 * 60_000;

export function gatheringPages(): void {
  const { lang } = document.documentElement;
  // The page's language, as the reader's own country writes it.
  const written = navigator.languages.find((own) => own.split("-")[0] === lang.split("-")[0]) ?? lang;
  for (const time of all<HTMLTimeElement>("time[data-ms]")) {
    const when = new Date(Number(time.dataset.ms));
    time.textContent = when.toLocaleString(written, { dateStyle: "full", timeStyle: "short" });
    const said = time.nextElementSibling;
    // The zone that the node named is not the one that the time is in any more.
    if (said instanceof HTMLElement && said.matches("[data-zone-said]")) said.hidden = true;
  }
  const shared = one("form[data-kiosk], [data-slip]");
  if (shared) forget(shared);
}

function forget(shared: HTMLElement): void {
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (!(shared instanceof HTMLFormElement)) return;
  shared.reset(); // a browser that fills in what was typed before
  let timer = 0;
  const again = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => location.replace(location.pathname), LEFT_MS);
  };
  for (const kind of ["pointerdown", "keydown", "input"]) addEventListener(kind, again);
}
