// Still: one button against everything that moves by itself, on from the start where the
// device asks for less motion. Kept for this visit.


const KEY = "dreamweave still";

export interface Still {
  readonly on: boolean;
}

export function still(press: HTMLElement | null, changed: (on: boolean) => void): Still {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const held = { on: sessionStorage.getItem(KEY) ? sessionStorage.getItem(KEY) === "yes" : calm.matches };
  const show = () => {
    press?.setAttribute("aria-pressed", String(held.on));
    document.documentElement.classList.toggle("still", held.on);
    changed(held.on);
  };
  press?.addEventListener("click", () => {
    held.on = !held.on;
    sessionStorage.setItem(KEY, held.on ? "yes" : "no");
    show();
  });
  calm.addEventListener("change", () => {
    held.on = calm.matches;
    show();
  });
  show();
  return held;
}
