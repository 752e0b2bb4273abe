// Room: everything this page knows of its gathering. The picture folded out of acts, the
// words beside it, and which reports are one's own. Whoever shows something of it is told
// what changed; it shows nothing itself and asks nobody.

import { Picture, type Act } from "./acts.ts";
import { Words, type Beside } from "./words_beside.ts";

/** One's own report here; a held one waits for the host. */
export interface Own {
  r: number;
  held: boolean;
}

/** What the page carries for its script (`web/pages/gathering_values.py`). */
export interface Data {
  id: string;
  at: string;
  acts: Act[];
  words: Beside;
  mine: Own[];
  seat: number | null;
  host: boolean;
  named: boolean;
  floor: "free" | "turns";
  look: "night" | "day";
  projector: boolean;
  feelings: Record<string, string>;
  counted: Record<string, Record<string, string>>;
}

/** What just changed. `again`: everything was read afresh. */
export interface News {
  acts?: readonly Act[];
  words?: Beside;
  mine?: boolean;
  again?: boolean;
}

export class Room {
  picture = new Picture();
  words = new Words();
  mine = new Map<number, Own>();
  /** Where a report's words are known to be missing: not asked for twice. */
  private asked = new Set<number>();
  private listeners: ((news: News) => void)[] = [];

  constructor(readonly data: Data) {
    this.begin(data);
  }

  on(hear: (news: News) => void): void {
    this.listeners.push(hear);
  }

  hear(acts: readonly Act[]): void {
    for (const act of acts) this.apply(act);
    this.tell({ acts });
  }

  beside(words: Beside): void {
    const reports = words.reports?.filter((one) => !this.picture.gone.has(one.r));
    const held = { ...words, reports };
    this.words.merge(held);
    this.tell({ words: held });
  }

  own(list: readonly Own[]): void {
    for (const one of list) this.mine.set(one.r, one);
    this.tell({ mine: true });
  }

  /** Read afresh: what was here before is not trusted any more. */
  again(from: Pick<Data, "acts" | "words" | "mine">): void {
    this.picture = new Picture();
    this.words = new Words();
    this.mine = new Map();
    this.asked.clear();
    this.begin(from);
    this.tell({ again: true });
  }

  /** All words that are here, as they travel. */
  words_here(): Beside {
    return {
      reports: [...this.words.reports.values()],
      motifs: [...this.words.motifs.values()],
      seats: [...this.words.seats].map(([seat, name]) => ({ seat, name })),
    };
  }

  /** Reports that are in the picture and whose words never came, each named once. */
  wordless(): number[] {
    const out = [...this.picture.told.keys()].filter((r) => !this.words.reports.has(r) && !this.asked.has(r));
    out.forEach((r) => this.asked.add(r));
    return out;
  }

  /** It may be asked for again. */
  unasked(reports: readonly number[]): void {
    reports.forEach((r) => this.asked.delete(r));
  }

  private begin(from: Pick<Data, "acts" | "words" | "mine">): void {
    from.acts.forEach((act) => this.apply(act));
    this.words.merge(from.words);
    from.mine.forEach((one) => this.mine.set(one.r, one));
  }

  private apply(act: Act): void {
    try {
      this.picture.apply(act);
    } catch {
      return; // a newer node's word: a page that was opened before it goes without
    }
    if (act[0] === "gone") {
      this.words.forget(act[1] as number);
      this.mine.delete(act[1] as number);
    }
  }

  private tell(news: News): void {
    this.listeners.forEach((hear) => hear(news));
  }
}
