// Me: whose device this is just now, so far as the device knows. An id, never a
// name. It outlives the network and a session that ran out; signing out ends it.

import { ask, isSignedOut, isYes } from "./asking.ts";
import { amend, read } from "./disk.ts";

interface MeRow {
  name: "me";
  dreamer: string;
}

/** The device's dreamer, or "" while nobody ever signed in, or the last one signed out. */
export async function me(): Promise<string> {
  return (await read<MeRow>("device", "me"))?.dreamer ?? "";
}

/** Who writes on this page: whom it was made for, else whose device it is. What is sent goes by
 * `me`, which another tab may have changed meanwhile; then it waits for its own. */
export const author = async () => document.body.dataset.me || (await me());

async function remember(dreamer: string): Promise<void> {
  await amend<MeRow>("device", "me", (held) => (held?.dreamer === dreamer ? undefined : { name: "me", dreamer }));
}

export type Met = "in" | "out" | "unknown";
let met: Met = "unknown";

/** Who is signed in: as the page says, or else as the node says. Asked until it was answered. */
export async function meet(): Promise<Met> {
  if (met !== "unknown") return met;
  const here = document.body.dataset.me;
  if (here) {
    await remember(here);
    return (met = "in");
  }
  const answer = await ask("/api/me");
  if (isYes(answer) && answer.body?.dreamer) {
    await remember(String(answer.body.dreamer));
    return (met = "in");
  }
  return isSignedOut(answer) ? (met = "out") : "unknown";
}

/** Ask again next time: somebody may have signed in. */
export const forgetMeeting = () => void (met = "unknown");
