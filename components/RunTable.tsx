import type { RunRow } from "../db/runs.ts";
import { TRIGGER_WORDS } from "../islands/runs.ts";
import { Age } from "./Age.tsx";
import { formatCount, formatDuration, formatUtc, MISSING } from "./format.ts";
import { StatusBadge } from "./StatusBadge.tsx";

interface RunTableProps {
  runs: RunRow[];
  selectedId: number;
  /** The address of the steps of a run. */
  pathOf: (id: number) => string;
  now: Date;
}

/** Runs, newest first, each a link to its steps. */
export function RunTable({ runs, selectedId, pathOf, now }: RunTableProps) {
  return (
    <section class="card table-card" aria-labelledby="runs">
      <header class="card-head">
        <h2 id="runs">Runs</h2>
        <p class="muted">The newest first · a run's number shows its steps</p>
      </header>
      <div class="table-scroll short" tabIndex={0} role="group" aria-label="Runs, scrolls">
        <table class="runs">
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Status</th>
              <th scope="col">Started</th>
              <th scope="col" class="number">Duration</th>
              <th scope="col" class="number">Steps</th>
              <th scope="col" class="number" title="Candles that were not stored before">New</th>
              <th scope="col" class="number" title="Forming candles that were overwritten">
                Updated
              </th>
              <th scope="col" class="number" title="Final candles that the provider restated">
                Revised
              </th>
              <th scope="col" class="number" title="Rows that did not pass validation">Rejected</th>
              <th scope="col" class="number" title="What the provider charged">Credits</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} class={run.id === selectedId ? "selected" : undefined}>
                <th scope="row">
                  <a
                    href={pathOf(run.id)}
                    aria-current={run.id === selectedId ? "true" : undefined}
                  >
                    #{run.id}
                  </a>
                  <span class="note">{TRIGGER_WORDS[run.trigger]}</span>
                </th>
                <td>
                  <StatusBadge status={run.status} />
                </td>
                <td>
                  {formatUtc(run.startedAt)}
                  <span class="note">
                    <Age at={run.startedAt} now={now} />
                  </span>
                </td>
                <td class="number">
                  {run.durationMs === null ? MISSING : formatDuration(run.durationMs)}
                </td>
                <td class="number">
                  <Steps run={run} />
                </td>
                <td class="number">{formatCount(run.candlesInserted)}</td>
                <td class="number">{formatCount(run.candlesUpdated)}</td>
                <td class="number">{formatCount(run.candlesRevised)}</td>
                <td class={run.rowsRejected > 0 ? "number bad" : "number"}>
                  {formatCount(run.rowsRejected)}
                </td>
                <td class="number">{formatCount(run.credits)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Steps({ run: { status, stepsOk, stepsFailed, stepsSkipped } }: { run: RunRow }) {
  const ended = stepsOk + stepsFailed + stepsSkipped;
  return (
    <>
      {status === "running" ? `${ended} so far` : `${stepsOk} of ${ended}`}
      {stepsSkipped > 0 && <span class="note">{stepsSkipped} skipped</span>}
    </>
  );
}
