// Listening: a voice that is kept is fetched when somebody wants to hear it, whole,
// and played from this page's memory. It never lies in a cache.

import { fetched } from "./asking.ts";
import { all, button, el, tell } from "./dom.ts";
import { say } from "./strings.ts";

export function listening(): void {
  for (const player of all<HTMLAudioElement>("audio[data-fetch]")) {
    const said = el("p", { role: "status", class: "said" });
    const press = button(say("node.listen"), async () => {
      press.disabled = true;
      tell(said, say("node.asking"));
      const voice = await fetched(player.dataset.fetch!);
      press.disabled = false;
      if (!voice) return tell(said, say("node.no_voice"));
      player.src = URL.createObjectURL(voice);
      player.hidden = false;
      press.remove();
      tell(said, "");
      player.focus();
      player.play().catch(() => {}); // some browsers want another tap first
    });
    player.before(press);
    player.after(said);
  }
}
