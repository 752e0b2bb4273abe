// The demonstration's bar: pause, hurry and begin again without the page going away,
// and one thing at a time that a visitor may try. The bar works without this; only
// then every press loads the page. What the play does is the node's.

import { ask, isYes } from "../node/asking.ts";
import { all, one } from "../node/dom.ts";
import { say } from "../node/strings.ts";

interface Moment {
  gathering: string;
  at_s: number;
  length_s: number;
  is_playing: boolean;
  is_over: boolean;
  speed: number;
}

const LOOK_MS = 1_500;
// What may be tried, by when in the evening it makes sense.
const TRIES: [number, string][] = [
  [0, "live.demo.watch"],
  [16, "live.demo.tell"],
  [40, "live.demo.thread"],
  [62, "live.demo.voices"],
  [84, "live.demo.take_back"],
  [104, "live.demo.closing"],
];

export function demo(): void {
  const bar = one("[data-demo]");
  if (!bar) return;
  const pause = one<HTMLButtonElement>("[data-demo-pause]", bar)!;
  const hint = one("[data-demo-try]", bar)!;
  let tried = "";

  const show = (now: Moment) => {
    if (now.gathering !== bar.dataset.demo) return location.assign(`/gatherings/${now.gathering}`);
    one<HTMLProgressElement>("[data-demo-at]", bar)!.value = now.at_s;
    one("[data-demo-pace]", bar)!.textContent = `${now.speed}×`;
    pause.hidden = now.is_over;
    pause.value = now.is_playing ? "pause" : "go_on";
    pause.textContent = say(now.is_playing ? "live.demo.pause" : "live.demo.go_on");
    const key = now.is_over ? "live.demo.over" : TRIES.filter(([from]) => from <= now.at_s).pop()![1];
    if (key === tried) return;
    tried = key;
    hint.textContent = say(key);
    hint.hidden = false;
  };

  for (const button of all<HTMLButtonElement>("button", bar))
    button.addEventListener("click", (event) => {
      event.preventDefault();
      ask("/api/demo", { method: "POST", json: { do: button.value } }).then((a) => isYes(a) && show(a.body));
    });
  const look = () =>
    document.hidden ? undefined : ask("/api/demo").then((a) => isYes(a) && show(a.body));
  setInterval(look, LOOK_MS);
  look();
}
