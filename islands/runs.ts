/** Runs as the site tells them to a page that watches. Pure. */
import * as z from "zod/mini";

/** How a run ended, or that it has not. */
export const RunStatus = z.enum(["running", "ok", "partial", "failed", "interrupted"]);
/** What began a run. */
export const RunTrigger = z.enum(["start", "cron", "manual", "backfill", "repair", "import"]);

const Instant = z.string();

/** One run. Times ISO 8601 in UTC, durations in milliseconds. */
export const RunState = z.object({
  id: z.number(),
  trigger: RunTrigger,
  status: RunStatus,
  startedAt: Instant,
  finishedAt: z.nullable(Instant),
  durationMs: z.nullable(z.number()),
  steps: z.object({
    ok: z.number(),
    failed: z.number(),
    skipped: z.number(),
    /** About as many as there will be; null when nothing tells. */
    expected: z.nullable(z.number()),
  }),
  candles: z.object({ inserted: z.number(), updated: z.number(), revised: z.number() }),
  rowsRejected: z.number(),
  credits: z.number(),
  error: z.nullable(z.string()),
  /** The step that ended last; null before the first. */
  lastStep: z.nullable(z.object({ symbol: z.string(), interval: z.string(), finishedAt: Instant })),
});

/** The answer of `GET /api/v1/runs/latest`. */
export const RunsState = z.object({
  /** The site's clock when all this was so. */
  asOf: Instant,
  /** The run that began last; null before the first. */
  latest: z.nullable(RunState),
  /** Those under way, the newest first. */
  running: z.array(RunState),
});

export type RunState = z.infer<typeof RunState>;
export type RunsState = z.infer<typeof RunsState>;

/** Triggers in words, to stand behind "a run". */
export const TRIGGER_WORDS: Readonly<Record<RunState["trigger"], string>> = {
  start: "at start",
  cron: "by schedule",
  manual: "by hand",
  backfill: "backfill",
  repair: "repair of gaps",
  import: "import",
};

/** Outcomes in words. */
export const STATUS_WORDS: Readonly<Record<RunState["status"], string>> = {
  running: "running",
  ok: "complete",
  partial: "partly failed",
  failed: "failed",
  interrupted: "interrupted",
};

/** The same for as long as no run begins or ends: what a page of finished runs shows is the same too. */
export function signatureOf({ latest, running }: RunsState): string {
  const ids = running.map(({ id }) => id).join(" ");
  return `${latest?.id ?? ""} ${latest?.status ?? ""} / ${ids}`;
}

/** What began and ended between two answers, in sentences; empty when nothing did. */
export function describeChange(before: RunsState, after: RunsState): string {
  const wasRunning = new Set(before.running.map(({ id }) => id));
  const isRunning = new Set(after.running.map(({ id }) => id));
  const ended = before.running.filter(({ id }) => !isRunning.has(id))
    .map(({ id }) => describeEnd(id, after.latest));
  const begun = after.running.filter(({ id }) => !wasRunning.has(id))
    .map(({ id, trigger }) => `Run #${id}, ${TRIGGER_WORDS[trigger]}, has begun.`);
  const { latest } = after;
  const isMissed = latest !== null && latest.status !== "running" &&
    latest.id > (before.latest?.id ?? 0) && !wasRunning.has(latest.id);
  const missed = isMissed ? [describeEnd(latest.id, latest)] : [];
  return [...ended, ...missed, ...begun].join(" ");
}

function describeEnd(id: number, latest: RunState | null): string {
  if (latest?.id !== id) return `Run #${id} has ended.`;
  const { ok, failed, skipped } = latest.steps;
  const all = ok + failed + skipped;
  const steps = all === 0 ? "" : `, ${ok} of ${all} ${all === 1 ? "step" : "steps"} succeeded`;
  const took = latest.durationMs === null ? "" : ` after ${formatElapsed(latest.durationMs)}`;
  return `Run #${id} has ended${took}: ${STATUS_WORDS[latest.status]}${steps}.`;
}

/** Time that passes before one's eyes, in whole seconds: `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatElapsed(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
