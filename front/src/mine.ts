// My thread: a key typed here opens one box, and that person's thread lights up.
//
// The key stays in the field; nothing is sent, and nothing is kept unless a
// person saves the page themselves.

import { type Mine, keyBytes, open } from "./keys.ts";
import type { Picture } from "./picture.ts";

const VOICE = 1e9;

export function wireMine(boxes: readonly string[], pictures: Picture[]): void {
  const form = document.querySelector<HTMLFormElement>("#mine form");
  const said = document.querySelector<HTMLElement>("#mine .said");
  const account = document.querySelector<HTMLElement>("#mine .account");
  const field = form?.querySelector<HTMLInputElement>("input");
  if (!form || !said || !account || !field) return;
  form.hidden = false;
  const dark = form.querySelector<HTMLButtonElement>("button[type=button]");

  const show = (mine: Mine | null) => {
    for (const picture of pictures) {
      picture.mine = mine?.threads ?? null;
      picture.ask();
    }
    for (const li of document.querySelectorAll<HTMLElement>("#read .yours")) li.classList.remove("yours");
    account.replaceChildren();
    if (dark) dark.hidden = !mine;
    if (mine) tell(mine, account);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = keyBytes(field.value);
    if (!key) {
      show(null);
      said.textContent =
        "A key is sixteen letters and digits in groups of four, like 7Q2M-0XKD-5RTA-9WHC. Have another look at yours.";
      return;
    }
    const mine = open(key, boxes);
    show(mine);
    said.textContent = mine
      ? mine.threads.length === 1
        ? "Here you are. Your thread is the bright one in the picture."
        : `Here you are. Your ${mine.threads.length} threads are the bright ones in the picture.`
      : "That key opens nothing in this weave. It may belong to another evening, or one letter may have slipped; nothing was lost.";
  });
  dark?.addEventListener("click", () => {
    field.value = "";
    show(null);
    said.textContent = "Your thread is quiet again.";
    field.focus();
  });
}

function percent(units: number): string {
  const share = (100 * units) / VOICE;
  return share > 0 && share < 0.5 ? "less than 1 %" : `${Math.round(share)} %`;
}

function tell(mine: Mine, into: HTMLElement): void {
  const rows = [...mine.account].filter((row) => row[1] > 0).sort((a, b) => b[1] - a[1]);
  const heading = document.createElement("h3");
  heading.textContent = "Where your voice went";
  const one = document.createElement("p");
  const lines = rows.filter((r) => r[0] >= 0).reduce((n, r) => n + r[1], 0);
  const chorus = rows.filter((r) => r[0] < 0).reduce((n, r) => n + r[1], 0);
  one.textContent = `You hold one whole voice, as everybody here does. ${percent(lines)} of it went to lines and ${percent(chorus)} to the chorus.`;
  const list = document.createElement("ul");
  for (const [which, units] of rows) {
    const item = document.getElementById(which >= 0 ? `l${which}` : `c${-1 - which}`);
    const words = item?.querySelector<HTMLElement>(".w");
    item?.classList.add("yours");
    const li = document.createElement("li");
    const bar = document.createElement("span");
    bar.className = "bar";
    const fill = document.createElement("span");
    fill.style.width = `${Math.max(0.5, (100 * units) / VOICE)}%`;
    bar.append(fill);
    const text = document.createElement("p");
    text.append(`${percent(units)} went to ${which >= 0 ? `line ${which + 1}` : "the chorus"}: `);
    if (words && item) {
      const link = document.createElement("a");
      link.href = `#${item.id}`;
      link.lang = words.lang;
      link.dir = "auto";
      link.textContent = words.textContent;
      text.append(link);
      const own = item.dataset.s && mine.threads.some((t) => item.dataset.t === String(t));
      if (own) text.append(" (your own words)");
    }
    li.append(text, bar);
    list.append(li);
  }
  into.append(heading, one, list);
  for (const t of mine.threads)
    for (const li of document.querySelectorAll<HTMLElement>(`#read [data-t="${t}"]`)) li.classList.add("yours");
}
