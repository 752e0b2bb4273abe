// Passkeys: a device's own key in place of a passphrase, where the page is secure
// and the browser has them. Bytes travel as base64url, as the node writes them.

import { ask, isYes, type Answer } from "./asking.ts";
import { button, el, one, tell } from "./dom.ts";
import { newId } from "./ids.ts";
import { stepUp } from "./stepping_up.ts";
import { say } from "./strings.ts";

const toText = (raw: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(raw)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

/** The node's options as the browser wants them: its challenge and ids as bytes. */
function options(said: any): any {
  const held = { ...said, challenge: toBytes(said.challenge) };
  if (said.user) held.user = { ...said.user, id: toBytes(said.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (said[list]) held[list] = said[list].map((one: any) => ({ ...one, id: toBytes(one.id) }));
  }
  return held;
}

/** What the browser made, as the node reads it. */
function made(credential: any): Record<string, unknown> {
  const r = credential.response;
  const response: Record<string, unknown> = { clientDataJSON: toText(r.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (r[name]) response[name] = toText(r[name]);
  }
  if (r.getTransports) response.transports = r.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
  };
}

async function asking(path: string, json: unknown): Promise<Answer> {
  const ask_ = () => ask(path, { method: "POST", json, once: newId() });
  const answer = await ask_();
  return answer.code.startsWith("step_up") && (await stepUp()) ? ask_() : answer;
}

export const can = () => isSecureContext && "PublicKeyCredential" in globalThis && !!navigator.credentials;

export function passkeys(): void {
  if (!can()) return;
  const add = one("[data-passkeys]");
  const come = one("[data-passkey-sign-in]");
  if (add) island(add, "passkey.add", register);
  if (come) island(come, "passkey.sign_in", signIn);
}

function island(at: HTMLElement, key: string, act: (said: HTMLElement) => Promise<void>): void {
  const said = el("p", { role: "status", class: "said" });
  const press = button(say(key), async () => {
    press.disabled = true;
    tell(said, say("node.asking"));
    try {
      await act(said);
    } catch {
      tell(said, say("passkey.failed")); // closed, refused, or there is none here
    }
    press.disabled = false;
  });
  at.append(press, said);
  at.hidden = false;
}

async function register(said: HTMLElement): Promise<void> {
  const asked = await asking("/api/passkeys/options", {});
  if (!isYes(asked)) return tell(said, asked.sentence || say("node.unreachable"));
  const publicKey = options(asked.body.public_key);
  const credential = await navigator.credentials.create({ publicKey });
  const kept = await asking("/api/passkeys", { passkey: made(credential) });
  tell(said, isYes(kept) ? say("passkey.added") : kept.sentence || say("node.unreachable"));
  if (isYes(kept) && one("[data-passkeys]")?.dataset.list) location.reload();
}

async function signIn(said: HTMLElement): Promise<void> {
  const passkey = await proof("/api/passkeys/sign-in/options", said);
  if (!passkey) return;
  const came = await asking("/api/passkeys/sign-in", { passkey });
  if (isYes(came)) location.assign("/");
  else tell(said, came.sentence || say("node.unreachable"));
}

/** What a passkey says to the node's challenge; null, and said why, where the node gives none. */
export async function proof(path: string, said: HTMLElement): Promise<Record<string, unknown> | null> {
  const asked = await ask(path, { method: "POST", json: {} });
  if (isYes(asked)) return made(await navigator.credentials.get({ publicKey: options(asked.body.public_key) }));
  tell(said, asked.sentence || say("node.unreachable"));
  return null;
}
