// Hearing: a list of lent lines hears when one is taken back, and lets it go within
// a second. Of several tabs one listens and tells the others. Frames hold tags and
// numbers, never words; new lines are not fetched here.

import { all, el, tell } from "./dom.ts";
import { lead } from "./turns.ts";
import { say } from "./strings.ts";

const FADE_MS = 600;
const STILL_MS = 200;
const N_ANIMATED_MAX = 3; // more at once go without a transition
const WAIT_MS_MAX = 60_000;

type Passed =
  | { stream: string; id: string; tags: string[] }
  | { stream: string; hello: string } // where the list of a tab that just opened stands
  | { stream: string; since: string } // from where whoever listens has heard
  | { stream: string; resync: true };

export function hearLists(): void {
  for (const list of all("[data-stream]")) hear(list, list.dataset.stream!, list.dataset.after ?? "");
  // A page that comes back from the browser's own memory may hold what is gone.
  addEventListener("pageshow", (event) => event.persisted && all("[data-stream]").length && location.reload());
}

function hear(list: HTMLElement, stream: string, after: string): void {
  const said = el("p", { role: "status", class: "aside-only" });
  list.before(said);
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("dreamweave-stream") : null;
  const pass = (news: Passed) => channel?.postMessage(news);
  let at = after;
  let since: string | null = null; // set while this tab is the one that listens
  const gone: string[] = [];

  channel?.addEventListener("message", ({ data }: MessageEvent<Passed>) => {
    if (data.stream !== stream) return;
    if ("tags" in data) {
      at = data.id;
      unpick(list, data.tags, said);
    } else if ("resync" in data) location.reload();
    else if ("hello" in data && since !== null) {
      pass({ stream, since });
      pass({ stream, id: at, tags: gone });
    } else if ("since" in data && since === null && isBefore(after, data.since)) location.reload();
  });
  pass({ stream, hello: after });

  lead(`stream ${stream}`, () => {
    since = at;
    let n_failed = 0;
    const open = () => {
      const source = new EventSource(at ? `${stream}?after=${encodeURIComponent(at)}` : stream);
      source.onmessage = ({ data, lastEventId }) => {
        n_failed = 0;
        at = lastEventId || at;
        const tags: string[] = JSON.parse(data).unpicked ?? [];
        if (!tags.length) return;
        gone.push(...tags);
        pass({ stream, id: at, tags });
        unpick(list, tags, said);
      };
      source.addEventListener("here", (event) => {
        at = (event as MessageEvent).lastEventId || at;
        since ||= at;
      });
      source.addEventListener("resync", () => {
        pass({ stream, resync: true });
        location.reload();
      });
      source.onerror = () => {
        // The browser tries again by itself, unless the node answered with a no.
        if (source.readyState !== EventSource.CLOSED) return;
        setTimeout(open, Math.min(WAIT_MS_MAX, 3_000 * 2 ** n_failed++));
      };
    };
    open();
  });
}

/** Whether a list read at `mine` is older than what was heard from `theirs` on. */
function isBefore(mine: string, theirs: string): boolean {
  const [boot, n] = mine.split("-");
  const [other, m] = theirs.split("-");
  return !!mine && !!theirs && (boot !== other || Number(n) < Number(m));
}

/** Let lines go: quietly, one fade, and then they say only that they were taken back. */
export function unpick(list: HTMLElement, tags: string[], said: HTMLElement): void {
  const lines = tags.flatMap((tag) => all(`[data-tag="${CSS.escape(tag)}"]`, list)).filter((line) => !("gone" in line.dataset));
  if (!lines.length) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const wait = document.hidden || lines.length > N_ANIMATED_MAX ? 0 : still ? STILL_MS : FADE_MS;
  for (const line of lines) {
    line.dataset.gone = "";
    line.classList.add("going");
    setTimeout(() => {
      line.replaceChildren(el("p", { class: "quiet" }, say("node.line_taken_back")));
      line.classList.remove("going");
    }, wait);
  }
  tell(said, "");
  tell(said, say("node.line_taken_back"));
}
