// Listening: a voice that is kept is fetched when somebody wants to hear it, whole,
// and played from this page's memory. It never lies in a cache.

import { all, button, el, tell } from "./dom.ts";
import { say } from "./strings.ts";

export function listening(): void {
  for (const player of all<HTMLAudioElement>("audio[data-fetch]")) {
    const said = el("p", { role: "status", class: "said" });
    const press = button(say("node.listen"), async () => {
      press.disabled = true;
      tell(said, say("node.asking"));
      try {
        const came = await fetch(player.dataset.fetch!, { credentials: "same-origin", cache: "no-store" });
        if (!came.ok) throw new Error("no voice");
        player.src = URL.createObjectURL(await came.blob());
        player.hidden = false;
        press.remove();
        tell(said, "");
        player.focus();
        await player.play().catch(() => {});
      } catch {
        press.disabled = false;
        tell(said, say("node.no_voice"));
      }
    });
    player.before(press);
    player.after(said);
  }
}
