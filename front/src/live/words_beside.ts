// Words beside: what people said, as it travels beside the acts and apart from them.
//
// They come unnumbered and may be taken back, so this only ever holds what was sent last
// about each report, motif and seat. A feeling is somebody's own and lives here as well:
// whoever takes their words back takes the dye with them.

import { FEELINGS } from "../colour.ts";

export interface ReportBeside {
  r: number;
  text: string;
  lang: string | null;
  cuts: readonly (readonly [number, number])[];
  kind: string;
  feeling: string | null; // one of FEELINGS, or "wordless"
  intensity: number | null; // 1..3
  name: string | null;
  note: string | null;
  drawing: string | null;
  photo: boolean;
  answers: number | null;
  stopped?: boolean; // whoever told it wants no more answers to it
}
export interface MotifBeside {
  m: number;
  name: string | null; // null: that motif is gone
  lang: string | null;
}
export interface SeatBeside {
  seat: number;
  name: string | null;
}
export interface Beside {
  reports?: readonly ReportBeside[];
  motifs?: readonly MotifBeside[];
  seats?: readonly SeatBeside[];
}

const UNSAID = 2; // how strong a feeling is whose strength was not said
const STRENGTHS = [0, 0.4, 0.7, 1];

export class Words {
  readonly reports = new Map<number, ReportBeside>();
  readonly motifs = new Map<number, MotifBeside & { name: string }>();
  readonly seats = new Map<number, string>();

  merge(beside: Beside): void {
    for (const one of beside.reports ?? []) this.reports.set(one.r, one);
    for (const { m, name, lang } of beside.motifs ?? []) {
      if (name === null || !name.trim()) this.motifs.delete(m);
      else this.motifs.set(m, { m, name, lang });
    }
    for (const { seat, name } of beside.seats ?? []) {
      if (name === null) this.seats.delete(seat);
      else this.seats.set(seat, name);
    }
  }

  // All of it again, for whoever begins with what is known here.
  asBeside(): Beside {
    return {
      reports: [...this.reports.values()],
      motifs: [...this.motifs.values()],
      seats: [...this.seats].map(([seat, name]) => ({ seat, name })),
    };
  }

  // Taken back: nothing of it stays on this screen.
  forget(r: number): void {
    this.reports.delete(r);
  }

  // The dye of a report, -1 for none, and how strong it is, 0..1.
  feeling(r: number): readonly [number, number] {
    const one = this.reports.get(r);
    const at = one?.feeling ? (FEELINGS as readonly string[]).indexOf(one.feeling) : -1;
    return [at, at < 0 ? 0 : (STRENGTHS[one!.intensity ?? UNSAID] ?? STRENGTHS[UNSAID])];
  }
}
