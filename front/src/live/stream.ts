// Stream: one open ear for this gathering. Acts come in numbered frames, words beside them;
// both carry the number from which to go on. A browser tries again by itself; where the node
// said no, we do, later and later. Told to read afresh, it reads picture, words and what is
// one's own, and goes on from there. It never reloads the page: somebody may be writing.

import { ask, isYes } from "../node/asking.ts";
import type { Room } from "./room.ts";

const WAIT_MS_MAX = 60_000;
const WAIT_MS = 2_000;
const N_WORDS_AT_ONCE = 100;

export type Line = "open" | "waiting" | "closed";

export function stream(room: Room, changed: (line: Line) => void): { close(): void } {
  const api = `/api/gatherings/${room.data.id}`;
  let at = room.data.at;
  let source: EventSource | null = null;
  let n_failed = 0;
  let timer = 0;
  let over = false;
  let reading: Promise<void> | null = null;

  function open(): void {
    clearTimeout(timer);
    source?.close();
    if (over) return;
    source = new EventSource(at ? `${api}/stream?after=${encodeURIComponent(at)}` : `${api}/stream`);
    const noted = (event: Event) => {
      const { lastEventId } = event as MessageEvent;
      at = lastEventId || at;
      n_failed = 0;
      changed("open");
    };
    source.addEventListener("acts", (event) => {
      noted(event);
      room.hear(JSON.parse((event as MessageEvent).data).acts ?? []);
      missing();
    });
    source.addEventListener("words", (event) => {
      noted(event);
      room.beside(JSON.parse((event as MessageEvent).data));
    });
    source.addEventListener("here", (event) => {
      noted(event);
      missing();
    });
    source.addEventListener("resync", (event) => {
      noted(event);
      afresh();
    });
    source.onerror = () => {
      if (over) return;
      changed("waiting");
      if (source?.readyState === EventSource.CLOSED) later();
    };
  }

  function later(): void {
    clearTimeout(timer);
    const wait = Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** Math.min(n_failed++, 6));
    timer = window.setTimeout(open, wait * (0.5 + Math.random() / 2));
  }

  /** Everything anew. Frames that come meanwhile are older than what is read, or come again. */
  function afresh(): Promise<void> {
    return (reading ??= read().finally(() => (reading = null)));
  }

  async function read(): Promise<void> {
    source?.close();
    const drawn = await ask(`${api}/picture`);
    const [words, mine] = await Promise.all([ask(`${api}/words`), ask(`${api}/mine`)]);
    if (over) return;
    if ([401, 403, 404].includes(drawn.status)) return end();
    if (!isYes(drawn) || !isYes(words)) {
      // Not now: go on trying from the beginning of this.
      at = "";
      changed("waiting");
      clearTimeout(timer);
      timer = window.setTimeout(afresh, Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** Math.min(n_failed++, 6)));
      return;
    }
    at = String(drawn.body.at);
    room.again({ acts: drawn.body.acts, words: words.body, mine: mine.body?.mine ?? [] });
    open();
  }

  // A frame that held words of several people is emptied when one of them takes theirs back,
  // and a large gathering's page does not carry every word: what is missing is asked for.
  let asking = 0;
  function missing(): void {
    clearTimeout(asking);
    asking = window.setTimeout(async () => {
      const want = room.wordless().slice(-4 * N_WORDS_AT_ONCE).reverse();
      for (let k = 0; k < want.length && !over; k += N_WORDS_AT_ONCE) {
        const some = want.slice(k, k + N_WORDS_AT_ONCE);
        const words = await ask(`${api}/words?r=${some.join(",")}`);
        if (isYes(words)) room.beside(words.body);
        else room.unasked(some);
      }
    }, 1_500);
  }

  function end(): void {
    over = true;
    clearTimeout(timer);
    clearTimeout(asking);
    source?.close();
    changed("closed");
  }

  addEventListener("online", () => source?.readyState !== EventSource.OPEN && open());
  addEventListener("pageshow", (event) => event.persisted && afresh());
  addEventListener("pagehide", () => source?.close());
  open();
  missing();
  return { close: end };
}
