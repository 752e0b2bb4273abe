// Asking the node: one JSON door at a time, with a limit to patience, and an
// answer that is always a value. It never tries twice; who asks decides that.

export interface Answer {
  status: number; // 0: nobody answered
  body: any;
  code: string; // of a refusal, "" otherwise
  sentence: string;
  retry_s: number;
}

interface Wanted {
  method?: string;
  json?: unknown;
  data?: Blob;
  once?: string;
  patience_ms?: number;
}

/** How far the node's clock is ahead of this device's; NaN while it has not said. */
export const clock = { ahead_ms: NaN };

const KEEPALIVE_BYTES_MAX = 60_000; // browsers allow 64 kB of these at once

export async function ask(path: string, wanted: Wanted = {}): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json" };
  let body: Blob | string | undefined = wanted.data;
  if (wanted.data) headers["Content-Type"] = wanted.data.type;
  if (wanted.json !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(wanted.json);
  }
  if (wanted.once) headers["Idempotency-Key"] = wanted.once;
  const out: Answer = { status: 0, body: null, code: "", sentence: "", retry_s: 0 };
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), wanted.patience_ms ?? 20_000);
  try {
    const came = await fetch(path, {
      method: wanted.method ?? "GET",
      headers,
      body,
      signal: stop.signal,
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
      // It goes on when the page is closed in the middle.
      keepalive: typeof body === "string" && body.length < KEEPALIVE_BYTES_MAX / 3,
    });
    clock.ahead_ms = Date.parse(came.headers.get("Date") ?? "") - Date.now();
    out.retry_s = Number(came.headers.get("Retry-After")) || 0;
    const text = await came.text();
    out.body = text && /json/.test(came.headers.get("Content-Type") ?? "") ? JSON.parse(text) : null;
    out.status = came.status; // last: half an answer is none
    if (!came.ok) {
      out.code = String(out.body?.code ?? "");
      out.sentence = String(out.body?.sentence ?? "");
    }
  } catch {
    // No network, no node, no patience, or no whole answer: all the same to who asks.
  } finally {
    clearTimeout(timer);
  }
  return out;
}

export const isYes = (a: Answer) => a.status >= 200 && a.status < 300;
/** No answer, or one that says "not now". */
export const isLater = (a: Answer) => a.status === 0 || a.status >= 500 || [408, 425, 429].includes(a.status);
export const isSignedOut = (a: Answer) => a.status === 401 || a.code === "actor.none";

/** Bytes, for this page's memory only; null when they did not come. */
export async function fetched(path: string): Promise<Blob | null> {
  try {
    const came = await fetch(path, { credentials: "same-origin", cache: "no-store" });
    return came.ok ? await came.blob() : null;
  } catch {
    return null;
  }
}
