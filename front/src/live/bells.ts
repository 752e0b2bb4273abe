// Bells: what a dreamscape sounds like, as oscillators. A pitch for a motif, a timbre for a
// feeling, loudness for how strong, a place from left to right; a drone for the passage. It
// takes any audio context, one that plays or one that renders, and holds the limits: at most
// eight voices, six onsets a second, and nothing louder than -3 dBFS. It knows no gathering.

export type Timbre = { partials: readonly (readonly [number, number])[]; attack: number; decay: number };

// Ratio and share of each partial; attack and decay in seconds. Never "sad is low".
export const TIMBRES: Record<string, Timbre> = {
  joy: { partials: [[1, 1], [2, 0.5], [3, 0.28], [4.2, 0.12]], attack: 0.004, decay: 1.6 },
  tenderness: { partials: [[1, 1], [2, 0.25]], attack: 0.03, decay: 2.6 },
  wonder: { partials: [[1, 0.8], [2.76, 0.45], [5.4, 0.2]], attack: 0.006, decay: 3.4 },
  calm: { partials: [[1, 1], [2, 0.12]], attack: 0.08, decay: 3 },
  longing: { partials: [[1, 1], [1.5, 0.35], [2, 0.3]], attack: 0.12, decay: 3.2 },
  sorrow: { partials: [[0.5, 0.6], [1, 1], [1.2, 0.25]], attack: 0.1, decay: 3.4 },
  fear: { partials: [[1, 0.7], [1.06, 0.5]], attack: 0.05, decay: 2.2 },
  anger: { partials: [[1, 1], [2, 0.6], [3, 0.45], [5, 0.3]], attack: 0.003, decay: 0.9 },
  // Nothing said, or no word for it: one plain partial.
  undyed: { partials: [[1, 1]], attack: 0.05, decay: 1.8 },
};

export const N_VOICES_MAX = 8;
export const N_ONSETS_A_SECOND = 6;
export const PAN_MAX = 0.85;
const LATE_S_MAX = 1.5; // a bell that would come later than this is left out
const VOICE_GAIN = 0.22;
const DRONE_GAIN = VOICE_GAIN / 10; // 20 dB under a bell
export const DUCK = 10 ** (-18 / 20); // while somebody speaks
// Straight up to the knee, bent after it, and never past .45 + .25 = .7, which is -3.1 dBFS.
const KNEE = 0.45;
const BEND = 0.25;

const PENTATONIC = [0, 2, 4, 7, 9];
const A3 = 57;
const N_PITCHES = 14;

/** The pitch of the i-th most common motif, 220 to 1319 Hz, the most common one lowest. */
export function pitch(rank: number): number {
  const i = Math.max(0, Math.min(N_PITCHES - 1, rank));
  const midi = A3 + 12 * Math.floor(i / 5) + PENTATONIC[i % 5];
  return 440 * 2 ** ((midi - 69) / 12);
}

/** How loud a feeling of this strength is: 1, 2 or 3, the middle one where it was not said. */
export const loudness = (intensity: number | null) => [0.35, 0.675, 1][(intensity ?? 2) - 1] ?? 0.675;

interface Voice {
  from: number;
  to: number;
  gain: GainNode;
  oscillators: OscillatorNode[];
}

export class Bells {
  private readonly out: GainNode;
  private readonly master: GainNode;
  private voices: Voice[] = [];
  private onsets: number[] = [];
  private drone: { gain: GainNode; oscillators: OscillatorNode[]; bright: BiquadFilterNode } | null = null;

  constructor(private readonly room: BaseAudioContext) {
    const limit = room.createWaveShaper();
    const n = 2_049;
    const curve = new Float32Array(n);
    for (let k = 0; k < n; k++) {
      const x = (2 * k) / (n - 1) - 1;
      const far = Math.abs(x) - KNEE;
      curve[k] = far <= 0 ? x : Math.sign(x) * (KNEE + BEND * Math.tanh(far / BEND));
    }
    limit.curve = curve;
    this.out = room.createGain();
    this.master = room.createGain();
    this.out.connect(this.master).connect(limit).connect(room.destination);
  }

  /** One bell. When it rings, or -1 where there was no room for it. */
  strike(at: number, hz: number, feeling: string | null, loud: number, pan: number): number {
    const when = this.free(at);
    if (when < 0) return -1;
    const { partials, attack, decay } = TIMBRES[feeling ?? ""] ?? TIMBRES.undyed;
    this.make_room(when);
    const whole = partials.reduce((sum, [, share]) => sum + share, 0);
    const to = when + attack + decay * 1.6;
    const place = this.room.createStereoPanner();
    place.pan.value = Math.max(-PAN_MAX, Math.min(PAN_MAX, pan));
    const gain = this.room.createGain();
    gain.gain.value = loud * VOICE_GAIN;
    gain.connect(place).connect(this.out);
    const oscillators = partials.map(([ratio, share]) => {
      const tone = this.room.createOscillator();
      tone.frequency.value = hz * ratio;
      const shape = this.room.createGain();
      shape.gain.setValueAtTime(0, when);
      shape.gain.linearRampToValueAtTime(share / whole, when + attack);
      // Higher partials die away sooner, as in anything that is struck.
      shape.gain.setTargetAtTime(0, when + attack, decay / 2.2 / (1 + 0.5 * Math.max(0, ratio - 1)));
      shape.gain.linearRampToValueAtTime(0, to);
      tone.connect(shape).connect(gain);
      tone.start(when);
      tone.stop(to);
      return tone;
    });
    this.voices.push({ from: when, to, gain, oscillators });
    this.onsets.push(when);
    return when;
  }

  /** A knot: its note, and the octave over it. */
  knot(at: number, hz: number, pan: number): number {
    const when = this.strike(at, hz, "calm", 0.6, pan);
    if (when >= 0) this.strike(when, 2 * hz, "wonder", 0.5, pan);
    return when;
  }

  /** The drone under a passage: root and fifth, brighter the stronger its feelings. */
  hum(at: number, bright: number): void {
    if (!this.drone) {
      const gain = this.room.createGain();
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(DRONE_GAIN, at + 2.5);
      const filter = this.room.createBiquadFilter();
      filter.type = "lowpass";
      filter.frequency.value = 300;
      const oscillators = [110, 165].map((hz, k) => {
        const tone = this.room.createOscillator();
        tone.type = "triangle";
        tone.frequency.value = hz;
        const share = this.room.createGain();
        share.gain.value = k ? 0.35 : 0.65;
        tone.connect(share).connect(filter);
        tone.start(at);
        return tone;
      });
      filter.connect(gain).connect(this.out);
      this.drone = { gain, oscillators, bright: filter };
    }
    this.drone.bright.frequency.setTargetAtTime(240 + 900 * Math.max(0, Math.min(1, bright)), at, 1.2);
  }

  hush(at: number): void {
    const held = this.drone;
    this.drone = null;
    if (!held) return;
    held.gain.gain.setTargetAtTime(0, at, 0.5);
    held.oscillators.forEach((tone) => tone.stop(at + 4));
  }

  /** Step back while somebody speaks. */
  duck(at: number, yes: boolean): void {
    this.out.gain.setTargetAtTime(yes ? DUCK : 1, at, 0.08);
  }

  /** The listener's own volume, 0 to 1. */
  volume(at: number, level: number): void {
    this.master.gain.setTargetAtTime(Math.max(0, Math.min(1, level)), at, 0.03);
  }

  /** The first moment from `at` on at which a bell may begin; -1 when that is too late. */
  private free(at: number): number {
    this.onsets = this.onsets.filter((t) => t > at - 1).sort((a, b) => a - b);
    let when = at;
    for (;;) {
      const within = this.onsets.filter((t) => t > when - 1 && t < when + 1);
      if (within.length < N_ONSETS_A_SECOND) return when - at > LATE_S_MAX ? -1 : when;
      when = within[within.length - N_ONSETS_A_SECOND] + 1.0001;
    }
  }

  /** The oldest voice gives way to a ninth. */
  private make_room(when: number): void {
    this.voices = this.voices.filter((one) => one.to > when);
    const sounding = this.voices.filter((one) => one.from <= when);
    if (sounding.length < N_VOICES_MAX) return;
    const oldest = sounding.sort((a, b) => a.from - b.from)[0];
    oldest.gain.gain.setTargetAtTime(0, when, 0.01);
    oldest.oscillators.forEach((tone) => tone.stop(when + 0.06));
    oldest.to = when;
  }
}
