// Settings: night or day, dyes or textures, moving or still. For this visit only.

export interface Look {
  theme: "night" | "day";
  plies: boolean;
  still: boolean;
}

export function wireSettings(changed: (look: Look) => void): Look {
  const root = document.documentElement;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const forced = matchMedia("(forced-colors: active)");
  const look: Look = {
    theme: root.dataset.theme === "day" ? "day" : "night",
    plies: forced.matches,
    still: calm.matches,
  };
  const group = document.querySelector<HTMLElement>(".settings");
  const button = (name: string) => group?.querySelector<HTMLButtonElement>(`[data-set=${name}]`);
  const show = () => {
    root.dataset.theme = look.theme;
    root.classList.toggle("plies", look.plies);
    root.classList.toggle("still", look.still);
    button("day")?.setAttribute("aria-pressed", String(look.theme === "day"));
    button("plies")?.setAttribute("aria-pressed", String(look.plies));
    button("still")?.setAttribute("aria-pressed", String(look.still));
  };
  const flip = (name: string, act: () => void) =>
    button(name)?.addEventListener("click", () => {
      act();
      show();
      changed(look);
    });
  flip("day", () => (look.theme = look.theme === "day" ? "night" : "day"));
  flip("plies", () => (look.plies = !look.plies));
  flip("still", () => (look.still = !look.still));
  calm.addEventListener("change", () => {
    look.still = calm.matches;
    show();
    changed(look);
  });
  forced.addEventListener("change", () => {
    look.plies = forced.matches;
    show();
    changed(look);
  });
  if (group) group.hidden = false;
  show();
  return look;
}
