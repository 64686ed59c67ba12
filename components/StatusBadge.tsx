import type { RunStatus, RunStepRow } from "../db/runs.ts";
import { STATUS_WORDS } from "../islands/runs.ts";

type Status = RunStatus | RunStepRow["status"];

const WORDS: Record<Status, { word: string; tone: string; title: string }> = {
  running: { word: STATUS_WORDS.running, tone: "info", title: "It is still going on" },
  ok: { word: STATUS_WORDS.ok, tone: "good", title: "Every step succeeded" },
  partial: {
    word: STATUS_WORDS.partial,
    tone: "warn",
    title: "Some steps failed, the others are stored",
  },
  failed: {
    word: STATUS_WORDS.failed,
    tone: "bad",
    title: "It could not go on; what was stored before stays",
  },
  interrupted: {
    word: STATUS_WORDS.interrupted,
    tone: "warn",
    title: "Its process ended before it did",
  },
  skipped: {
    word: "skipped",
    tone: "",
    title: "Refused before, and not asked again until someone says so",
  },
};

/** How a run or a step ended, in a word. */
export function StatusBadge({ status }: { status: Status }) {
  const { word, tone, title } = WORDS[status];
  return <span class={`badge ${tone}`} title={title}>{word}</span>;
}
