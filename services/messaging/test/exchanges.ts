import type { Exchange, News } from "../live/exchange.ts";

/** Instances in one process, and what they told each other. */
export function exchanges(): { of(): Exchange; readonly told: News[] } {
  const told: News[] = [];
  const listeners = new Set<(news: News) => void>();
  return {
    told,
    of: () => ({
      send: (news) => {
        const copy = structuredClone(news);
        told.push(copy);
        for (const listener of listeners) listener(copy);
      },
      onNews: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
  };
}
