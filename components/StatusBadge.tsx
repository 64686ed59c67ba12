import type { RunStatus } from "../db/runs.ts";

const WORDS: Record<RunStatus, { word: string; tone: string; title: string }> = {
  running: { word: "running", tone: "info", title: "It is still going on" },
  ok: { word: "complete", tone: "good", title: "Every step succeeded" },
  partial: {
    word: "partly failed",
    tone: "warn",
    title: "Some steps failed, the others are stored",
  },
  failed: {
    word: "failed",
    tone: "bad",
    title: "It could not go on; what was stored before stays",
  },
  interrupted: { word: "interrupted", tone: "warn", title: "Its process ended before it did" },
};

/** How a run or a step ended, in a word. */
export function StatusBadge({ status }: { status: RunStatus }) {
  const { word, tone, title } = WORDS[status];
  return <span class={`badge ${tone}`} title={title}>{word}</span>;
}
