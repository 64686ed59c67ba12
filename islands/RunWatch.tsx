import { useEffect, useRef, useState } from "preact/hooks";
import * as z from "zod/mini";
import { numberFormat } from "./number_locale.ts";
import { refreshParts } from "./page_refresh.ts";
import {
  describeChange,
  formatElapsed,
  RunsState,
  type RunState,
  signatureOf,
  TRIGGER_WORDS,
} from "./runs.ts";
import { useRuns } from "./use_runs.ts";

const Props = z.object({
  /** The runs as the page around tells them. */
  runs: RunsState,
  /** The elements, by their ids, that say something else once a run begins or ends. */
  parts: z.array(z.string()),
});

const BUSY_MS = 2_000;
const IDLE_MS = 15_000;
const TICK_MS = 1_000;

/**
 * The runs under way, as they go on. When one begins or ends it is said, and the parts of the page that
 * are about runs are brought up to date. Without scripts it shows how far they were.
 */
export default function RunWatch(props: z.infer<typeof Props>) {
  const { runs: initial, parts } = Props.parse(props);
  const [news, setNews] = useState("");
  /** Of which answer the page around is. */
  const shown = useRef(initial);
  const { runs, heardAt, isSilent } = useRuns(initial, {
    busyMs: BUSY_MS,
    idleMs: IDLE_MS,
    async onAnswer(answer, signal) {
      if (signatureOf(answer) === signatureOf(shown.current)) return;
      setNews(describeChange(shown.current, answer));
      await refreshParts(parts, signal);
      shown.current = answer;
    },
  });
  const sinceMs = useTicks(runs.running.length > 0, heardAt);
  return (
    <>
      {runs.running.map((run) => (
        <RunBar
          key={run.id}
          run={run}
          elapsedMs={Date.parse(runs.asOf) - Date.parse(run.startedAt) + sinceMs}
        />
      ))}
      <p class="run-news" role="status">{news}</p>
      <p class="run-news silent" role="status">
        {isSilent && "The site does not answer. It is asked again in a moment."}
      </p>
    </>
  );
}

function RunBar({ run, elapsedMs }: { run: RunState; elapsedMs: number }) {
  const { steps, candles, lastStep } = run;
  const done = steps.ok + steps.failed + steps.skipped;
  // The last run had as many; one that has more by now will tell at its end.
  const expected = steps.expected !== null && steps.expected >= done ? steps.expected : null;
  const stored = candles.inserted + candles.updated + candles.revised;
  return (
    <section class="card run-bar" aria-label={`Run #${run.id} is under way`}>
      <p>
        <span class="badge info">running</span>{" "}
        <strong>
          Run #{run.id}, {TRIGGER_WORDS[run.trigger]}
        </strong>{" "}
        <span class="muted">for {formatElapsed(elapsedMs)}</span>
      </p>
      {expected !== null && <progress max={expected} value={done} aria-hidden="true"></progress>}
      <ul>
        <li>
          <b>{done}</b> {expected === null ? "" : `of about ${expected} `}
          {done === 1 && expected === null ? "step" : "steps"} done
          {steps.failed > 0 && <span class="down">, {steps.failed} failed</span>}
        </li>
        <li>
          <b>{numberFormat({}).format(stored)}</b> {stored === 1 ? "candle" : "candles"} stored
        </li>
        <li>
          <b>{numberFormat({}).format(run.credits)}</b> {run.credits === 1 ? "credit" : "credits"}
        </li>
        {lastStep !== null && <li class="muted">last {lastStep.symbol} {lastStep.interval}</li>}
      </ul>
    </section>
  );
}

/** Milliseconds since `heardAt`, counted every second while `isOn`; 0 until the first second is over. */
function useTicks(isOn: boolean, heardAt: number | null): number {
  const [now, setNow] = useState<number | null>(null);
  const begunAt = useRef<number | null>(null);
  useEffect(() => {
    if (!isOn) return;
    begunAt.current ??= performance.now();
    const timer = setInterval(() => setNow(performance.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [isOn]);
  const since = heardAt ?? begunAt.current;
  return now === null || since === null ? 0 : Math.max(0, now - since);
}
