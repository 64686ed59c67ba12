import type { RunRow, RunStepRow, StepPurpose } from "../db/runs.ts";
import { formatCount, formatDuration, formatInterval, formatUtc, MISSING } from "./format.ts";
import { StatusBadge } from "./StatusBadge.tsx";
import { StepDurations } from "./StepDurations.tsx";

const PURPOSES: Record<StepPurpose, string> = {
  fresh: "what is new",
  gap: "a gap",
  history: "history",
  import: "a file",
};

/** Reasons that are no words by themselves. */
const REASONS: Record<string, string> = {
  symbol_plan: "not in the plan",
  endpoint_plan: "not in the plan",
};

interface StepTableProps {
  run: RunRow;
  steps: RunStepRow[];
}

/** What a run did for each series, and what went wrong. */
export function StepTable({ run, steps }: StepTableProps) {
  return (
    <section class="card table-card" aria-labelledby="steps">
      <header class="card-head">
        <h2 id="steps">Steps of run #{run.id}</h2>
        <p class="muted">One step loads one series</p>
      </header>
      {run.error !== null && <p class="problem">{run.error}</p>}
      {steps.some(({ durationMs }) => durationMs > 0) && <StepDurations steps={steps} />}
      {steps.length === 0
        ? (
          <p class="chart-note">
            {run.status === "running"
              ? "No step had ended yet when this page was made."
              : "This run had no step to do."}
          </p>
        )
        : (
          <div class="table-scroll tall" tabIndex={0} role="group" aria-label="Steps, scrolls">
            <table>
              <thead>
                <tr>
                  <th scope="col">Series</th>
                  <th scope="col">For</th>
                  <th scope="col">Status</th>
                  <th scope="col">Window, UTC</th>
                  <th scope="col" class="number">Duration</th>
                  <th scope="col" class="number">Fetched</th>
                  <th scope="col" class="number">New</th>
                  <th scope="col" class="number">Updated</th>
                  <th scope="col" class="number">Revised</th>
                  <th scope="col" class="number">Rejected</th>
                  <th scope="col" class="number">Credits</th>
                </tr>
              </thead>
              <tbody>{steps.map((step) => <StepRows key={step.id} step={step} />)}</tbody>
            </table>
          </div>
        )}
    </section>
  );
}

function StepRows({ step }: { step: RunStepRow }) {
  return (
    <>
      <tr>
        <th scope="row">
          {step.slug === null
            ? step.symbol
            : (
              <a href={`/instruments/${step.slug}?interval=${step.candleInterval}`}>
                {step.symbol}
              </a>
            )}
          <span class="note">{formatInterval(step.candleInterval)}</span>
        </th>
        <td class="nowrap">{PURPOSES[step.purpose]}</td>
        <td>
          <StatusBadge status={step.status} />
          {step.reason !== null && (
            <span class="note">{REASONS[step.reason] ?? step.reason.replaceAll("_", " ")}</span>
          )}
        </td>
        <td class="nowrap">
          {step.windowFrom === null ? noWindow(step) : formatUtc(step.windowFrom)}
          {step.windowFrom !== null && (
            <span class="note">
              to {step.windowTo === null ? "now" : formatUtc(step.windowTo)}
            </span>
          )}
        </td>
        <td class="number">{formatDuration(step.durationMs)}</td>
        {[
          step.candlesFetched,
          step.candlesInserted,
          step.candlesUpdated,
          step.candlesRevised,
        ].map((count, index) => <td key={index} class="number">{formatCount(count)}</td>)}
        <td class="number">
          <Rejected step={step} />
        </td>
        <td class="number">{formatCount(step.credits)}</td>
      </tr>
      {step.error !== null && (
        <tr class="step-error">
          <td colSpan={11}>
            <p class={step.status === "skipped" ? "problem mild" : "problem"}>{step.error}</p>
          </td>
        </tr>
      )}
    </>
  );
}

/** As many as the run met: the page lists each row once, however many runs met it. */
function Rejected({ step: { rowsRejected, slug } }: { step: RunStepRow }) {
  const count = formatCount(rowsRejected);
  if (rowsRejected === 0 || slug === null) return <>{count}</>;
  return (
    <a href={`/pipeline/rejects?instrument=${slug}`}>
      {count}
      <span class="visually-hidden">: see the rejects</span>
    </a>
  );
}

/** A first load asks for the newest candles, whenever they were. */
function noWindow({ status, purpose }: RunStepRow): string {
  return status === "skipped" || purpose === "import" ? MISSING : "newest candles";
}
