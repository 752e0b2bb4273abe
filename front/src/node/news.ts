// News: tabs of this device tell each other that something changed. Only that,
// and of which report: words stay on the disk.

export type News = { changed: string } | { out: true };

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("dreamweave") : null;
const listeners: ((news: News) => void)[] = [];
if (channel) channel.onmessage = (event) => listeners.forEach((hear) => hear(event.data));

/** Tell all other tabs, and this one unless it knows. */
export function announce(news: News, here = true): void {
  channel?.postMessage(news);
  if (here) listeners.forEach((hear) => hear(news));
}

export function onNews(hear: (news: News) => void): void {
  listeners.push(hear);
}
