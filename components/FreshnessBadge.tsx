import type { Freshness } from "../db/freshness.ts";

const WORDS: Record<Freshness, { word: string; tone: string; title: string }> = {
  fresh: { word: "fresh", tone: "good", title: "Nothing is overdue, and the market trades" },
  market_closed: {
    word: "market closed",
    tone: "",
    title: "Nothing is overdue, and the market does not trade",
  },
  stale: { word: "stale", tone: "bad", title: "A candle has ended that is not stored" },
  unknown: { word: "unknown", tone: "info", title: "No calendar of its exchange is known" },
  empty: { word: "empty", tone: "warn", title: "No final candle is stored" },
};

/** Whether a series is as new as its market lets it be, in a word. */
export function FreshnessBadge({ freshness }: { freshness: Freshness }) {
  const { word, tone, title } = WORDS[freshness];
  return <span class={`badge ${tone}`} title={title}>{word}</span>;
}
