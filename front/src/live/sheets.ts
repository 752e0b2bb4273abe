// Sheets: telling, the text, and whose voices, each beside the picture and one at a time.
// Without a script they are parts of the page or pages of their own; here the ways to them
// become buttons that open and close. Escape closes, and the focus goes back where it was.

import { all, button, el, one } from "../node/dom.ts";
import { say } from "../node/strings.ts";

export interface Sheets {
  open(name: string, focus?: boolean): void;
  close(): void;
  shown(): string;
}

export function sheets(night: HTMLElement, changed: (name: string) => void): Sheets {
  const held = new Map(all("[data-sheet]").map((sheet) => [sheet.dataset.sheet!, sheet]));
  const ways = new Map<string, HTMLButtonElement>();
  let before: HTMLElement | null = null;
  let shown = "";

  for (const link of all<HTMLAnchorElement>("a[data-opens]")) {
    const name = link.dataset.opens!;
    const made = button(link.textContent ?? "", () => (shown === name ? close() : open(name)), {
      class: link.className,
      hidden: link.hidden,
      "data-opens": name,
      "aria-expanded": "false",
      "aria-controls": name,
    });
    ways.set(name, made);
    link.replaceWith(made);
  }
  for (const sheet of held.values()) {
    sheet.prepend(button("×", close, { class: "icon close", "aria-label": say("live.close"), title: say("live.close") }));
  }
  document.documentElement.classList.add("scripted");

  function show(name: string): void {
    shown = name;
    for (const [key, sheet] of held) sheet.hidden = key !== name;
    for (const [key, way] of ways) way.setAttribute("aria-expanded", String(key === name));
    if (name) night.dataset.panel = name;
    else delete night.dataset.panel;
    document.documentElement.classList.toggle("sheet-open", !!name);
    changed(name);
  }

  function open(name: string, focus = true): void {
    const sheet = held.get(name);
    if (!sheet) return;
    if (!shown) before = document.activeElement as HTMLElement | null;
    show(name);
    if (!focus) return;
    const first = one("textarea", sheet) ?? one("h2", sheet);
    if (!first) return;
    if (first.matches("h2")) first.tabIndex = -1;
    first.focus();
  }

  function close(): void {
    if (!shown) return;
    const way = ways.get(shown);
    show("");
    (before?.isConnected && before !== document.body ? before : way)?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown && !event.defaultPrevented && !one("dialog[open]")) close();
  });
  const first = night.dataset.panel ?? ([...held.keys()].includes(location.hash.slice(1)) ? location.hash.slice(1) : "");
  show(first);
  return { open, close, shown: () => shown };
}

/** A place for what only ears are told. */
export function announcer(): (text: string) => void {
  const at = el("p", { class: "aside-only", role: "status" });
  document.body.append(at);
  return (text) => {
    at.textContent = "";
    // A region that is emptied and filled in one step is not read again by every reader.
    setTimeout(() => (at.textContent = text), 60);
  };
}
