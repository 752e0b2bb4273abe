// The Landscape: at the closing the dreamers' own sentences become a country. The node draws
// it as SVG with the text in it; here its sentences write themselves in the order they were
// told, within twelve seconds, and whoever wants can skip that. Still where motion is not
// wanted. Words that are taken back later are not in the picture that is fetched then.

import { all, button, one } from "../node/dom.ts";
import { say } from "../node/strings.ts";

const WHOLE_MS = 12_000;
const EACH_MS_MAX = 420;

export interface Landscape {
  show(): Promise<void>;
  hide(): void;
}

export function landscape(at: HTMLElement, g: string, still: () => boolean, said: (text: string) => void): Landscape {
  let n_asked = 0;
  let skip = () => {};

  function hide(): void {
    n_asked++;
    skip();
    at.hidden = true;
    at.replaceChildren();
  }

  async function show(): Promise<void> {
    const mine = ++n_asked;
    const sheet = matchMedia("(min-width: 60rem)").matches ? "wide" : "phone";
    const drawn = await fetchSvg(`/gatherings/${g}/landscape?sheet=${sheet}`);
    if (!drawn || mine !== n_asked) return;
    const texts = all<SVGElement>("[data-order]", drawn).sort((a, b) => Number(a.dataset.order) - Number(b.dataset.order));
    const press = button(say("live.skip"), () => skip(), { class: "skip-writing" });
    const away = button(say("live.see_weave"), hide, { class: "skip-writing" });
    at.replaceChildren(drawn, press, away);
    at.hidden = false;
    said(say("live.landscape"));
    if (still() || !texts.length) {
      press.remove();
      return;
    }
    texts.forEach((text) => text.classList.add("unwritten"));
    const each = Math.min(EACH_MS_MAX, WHOLE_MS / texts.length);
    let k = 0;
    // As many at once as are due: a hall's thousand sentences are written in twelve seconds too.
    const began = performance.now();
    const timer = window.setInterval(() => {
      const due = Math.min(texts.length, Math.floor((performance.now() - began) / each) + 1);
      while (k < due) texts[k++].classList.replace("unwritten", "written");
      if (k >= texts.length) skip();
    }, 40);
    skip = () => {
      clearInterval(timer);
      texts.forEach((text) => text.classList.remove("unwritten"));
      press.remove();
      skip = () => {};
    };
  }

  return { show, hide };
}

/** An SVG out of the node, without anything in it that could run. A string is never parsed here:
 * the page's policy would refuse it. */
function fetchSvg(path: string): Promise<SVGSVGElement | null> {
  return new Promise((done) => {
    const ask = new XMLHttpRequest();
    ask.open("GET", path);
    ask.responseType = "document";
    ask.overrideMimeType("image/svg+xml");
    ask.onerror = () => done(null);
    ask.onload = () => {
      const root = ask.status === 200 ? ask.responseXML?.documentElement : null;
      if (root?.localName !== "svg") return done(null);
      const held = document.importNode(root, true) as unknown as SVGSVGElement;
      all("script, foreignObject, style", held).forEach((one) => one.remove());
      if (!one("title", held)) held.setAttribute("aria-label", say("live.landscape"));
      held.setAttribute("role", "img");
      done(held);
    };
    ask.send();
  });
}
