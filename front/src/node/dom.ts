// Building: elements out of names, attributes and text. Text is only ever set as
// text: nothing here, or in any island, makes markup out of a string.

type Given = string | boolean | number | ((event: any) => void);

/** An element. Attributes that are `false` are left out, functions listen. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: Record<string, Given> = {},
  ...inside: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...inside);
  return made;
}

/** A button that submits nothing. */
export function button(text: string, act: (event: Event) => void, given: Record<string, Given> = {}) {
  return el("button", { type: "button", click: act, ...given }, text);
}

export function one<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T | null {
  return within.querySelector<T>(selector);
}

export function all<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] {
  return [...within.querySelectorAll<T>(selector)];
}

/** Set a live region's text only when it differs, so that nothing is read aloud twice. */
export function tell(where: Element | null, text: string): void {
  if (where && where.textContent !== text) where.textContent = text;
}
