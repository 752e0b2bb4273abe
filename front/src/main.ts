// The page, once it has a script: draws the picture and joins it to the words.
//
// The document is whole without this file. Nothing here writes a dreamer's
// words; it only points at those that are there.

import { find } from "./finding.ts";
import { FORMATS, fit } from "./formats.ts";
import { Lights, type Thing } from "./lights.ts";
import { wireMine } from "./mine.ts";
import { Picture } from "./picture.ts";
import { unpack } from "./scene.ts";
import { type Look, wireSettings } from "./settings.ts";
import { Walk } from "./walk.ts";

const OPENING_MS = 3600;
// Below this many CSS pixels a design unit, the words leave the opening and
// stand above the picture, at their own size.
const WORDS_SCALE_MIN = { wide: 0.62, phone: 0.92 };

function json(id: string): string {
  return document.getElementById(id)?.textContent ?? "null";
}

function start(): void {
  const root = document.documentElement;
  const sky = document.querySelector<HTMLElement>(".sky");
  const stage = document.querySelector<HTMLCanvasElement>(".stage canvas");
  const road = document.querySelector<HTMLCanvasElement>(".road canvas");
  const read = document.getElementById("read");
  if (!sky || !stage || !stage.getContext("2d")) return;
  const scene = unpack(json("scene"));
  const boxes = JSON.parse(json("boxes")) as string[];
  root.classList.add("drawn");

  const main = new Picture(stage, scene);
  const pictures = [main];
  // The tall crescent beside the text: time runs down it as the text does.
  const beside = road ? new Picture(road, scene) : null;
  if (beside) {
    beside.sky = false;
    pictures.push(beside);
  }

  let stop = () => {};
  const apply = (look: Look) => {
    stop();
    for (const p of pictures) {
      const same = p.theme === look.theme && p.plies === look.plies;
      p.theme = look.theme;
      p.plies = look.plies;
      if (!same) p.stale();
    }
  };
  let still = false;
  const look = wireSettings((now) => {
    apply(now);
    if (still && !now.still) stop = grow(main);
    still = now.still;
  });
  still = look.still;
  apply(look);

  const place = () => {
    const { clientWidth: w, clientHeight: h } = stage.parentElement!;
    if (!w || !h) return;
    const format = w / h < 0.82 ? FORMATS.phone : FORMATS.wide;
    // By phone the horns run off the right edge; where there is room to spare it lies left.
    const at = fit(format, w, h, format.name === "phone" ? 1 : 0.5);
    main.place(at);
    root.dataset.format = format.name;
    const words = at.scale >= WORDS_SCALE_MIN[format.name];
    root.classList.toggle("apart", !words);
    const { x, y, w: ow, h: oh } = scene.opening[format.name];
    const set = (name: string, value: number) => sky.style.setProperty(name, `${value.toFixed(2)}px`);
    set("--ox", at.x + x * at.scale);
    set("--oy", at.y + y * at.scale);
    set("--ow", ow * at.scale);
    set("--oh", oh * at.scale);
    sky.style.setProperty("--s", at.scale.toFixed(4));
    trim(sky);
  };
  const placeRoad = () => {
    if (!beside || !road) return;
    const { clientWidth: w, clientHeight: h } = road.parentElement!;
    if (w && h) beside.place(fit(FORMATS.phone, w, h));
  };
  const watch = new ResizeObserver(() => {
    place();
    placeRoad();
  });
  watch.observe(stage.parentElement!);
  if (road) watch.observe(road.parentElement!);
  place();
  placeRoad();
  // A canvas asked to write before its font is there writes in another one.
  const fonts = ["italic 500 20px Fraunces", "400 20px Fraunces", '400 14px "Atkinson Hyperlegible Next"'];
  const written = [...scene.labels.wide, ...scene.labels.phone].map((l) => l.text);
  const letters = `A${written.join("")}${scene.seats.wide.map((s) => s.name ?? "").join("")}`;
  void Promise.all(fonts.map((f) => document.fonts.load(f, letters))).then(() => {
    place();
    for (const p of pictures) p.ask();
    requestAnimationFrame(() => requestAnimationFrame(() => (root.dataset.ready = "1")));
  });

  const lights = new Lights(pictures, scene, read, document.querySelector(".caption"));
  if (read) new Walk(read, lights);
  wirePointer(main, sky, lights);
  if (beside && road) wirePointer(beside, road.parentElement!, lights);
  read?.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const line = (event.target as HTMLElement).closest<HTMLElement>("[data-s],[data-k]");
    lights.set("pointer", line ? lights.ofLine(line) : null);
  });
  read?.addEventListener("pointerleave", () => lights.set("pointer", null));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") lights.set("kept", null);
  });
  wireMine(boxes, pictures);
  if (beside && read) follow(read, beside);
  // Links into the text from the picture open the line they point at.
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = target?.querySelector("details");
    if (target && /^[lk]\d/.test(target.id) && details) {
      details.open = true;
      details.querySelector("summary")?.focus();
    }
  };
  addEventListener("hashchange", openTarget);

  if (!look.still && !location.hash) stop = grow(main);
}

// Threads draw themselves in once, and any touch finishes them.
function grow(picture: Picture): () => void {
  const from = performance.now();
  let going = true;
  const end = () => {
    if (!going) return;
    going = false;
    document.documentElement.classList.remove("growing");
    picture.grown = 1;
    picture.ask();
    for (const name of ["pointerdown", "keydown", "wheel"]) removeEventListener(name, end);
  };
  for (const name of ["pointerdown", "keydown", "wheel"]) addEventListener(name, end, { passive: true });
  const step = (now: number) => {
    if (!going) return;
    const f = Math.min(1, (now - from) / OPENING_MS);
    if (f >= 1) {
      end();
      return;
    }
    picture.grown = f < 0.5 ? 2 * f * f : 1 - 2 * (1 - f) ** 2;
    picture.ask();
    requestAnimationFrame(step);
  };
  picture.grown = 0;
  document.documentElement.classList.add("growing");
  requestAnimationFrame(step);
  return end;
}

// Lines that do not fit the opening are left to the text below; none is cut short.
function trim(sky: HTMLElement): void {
  const opening = sky.querySelector<HTMLElement>(".opening");
  const list = sky.querySelector<HTMLElement>(".few");
  const root = document.documentElement;
  if (!opening || !list) return;
  const few = [...list.children] as HTMLElement[];
  for (const li of few) li.hidden = false;
  if (root.classList.contains("apart")) return;
  // By phone the list has a place of its own; wide, it shares the opening.
  const box = root.dataset.format === "phone" ? list : opening;
  for (let k = few.length - 1; k > 0 && box.scrollHeight > box.clientHeight + 1; k--)
    few[k].hidden = true;
}

function wirePointer(picture: Picture, area: HTMLElement, lights: Lights): void {
  const thing = (event: PointerEvent, reach: number): Thing | null => {
    const box = picture.canvas.getBoundingClientRect();
    const found = find(picture, event.clientX - box.left, event.clientY - box.top, reach);
    if (!found) return null;
    return "knot" in found ? lights.ofKnot(found.knot) : lights.ofStrand(found.strand);
  };
  const words = (event: Event) =>
    (event.target as HTMLElement).closest("a,button,summary,.opening,.settings,.key") !== null;
  area.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse") return;
    lights.set("pointer", words(event) ? null : thing(event, 7));
  });
  area.addEventListener("pointerleave", () => lights.set("pointer", null));
  area.addEventListener("click", (event) => {
    if (words(event)) return;
    const now = thing(event as PointerEvent, 16);
    const before = lights.kept;
    if (now && before && before.words === now.words && now.knots.length) {
      // The same again: to the words.
      const k = now.knots[0];
      document.querySelector<HTMLElement>(`#read .knots [data-k="${k}"] summary`)?.focus();
      return;
    }
    lights.set("kept", now);
  });
}

// Marks on the tall crescent which passage is on the screen.
function follow(read: HTMLElement, picture: Picture): void {
  const seen = new Map<Element, number>();
  const watch = new IntersectionObserver(
    (entries) => {
      for (const e of entries) {
        if (e.isIntersecting) seen.set(e.target, e.boundingClientRect.top);
        else seen.delete(e.target);
      }
      const first = [...seen.keys()].sort((a, b) =>
        a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
      )[0] as HTMLElement | undefined;
      const passage = first ? Number(first.dataset.p) : null;
      if (passage !== picture.passage) {
        picture.passage = passage;
        picture.ask();
      }
    },
    { rootMargin: "-30% 0px -60% 0px" },
  );
  for (const p of read.querySelectorAll(".passage")) watch.observe(p);
}

start();

