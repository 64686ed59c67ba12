import type { RunRow } from "../db/runs.ts";
import BarChart from "../islands/BarChart.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatDuration, formatUtcDate } from "./format.ts";

/** The outcomes that are told apart, from the ground of a bar up. */
const OUTCOMES = [
  { name: "complete", statuses: ["ok"] },
  { name: "partly failed", statuses: ["partial"] },
  { name: "failed", statuses: ["failed", "interrupted"] },
] as const;

/** How long the runs took, one bar a run. Runs come newest first; the table of runs has the numbers. */
export function RunDurations({ runs }: { runs: RunRow[] }) {
  const ended = runs.filter((run): run is RunRow & { durationMs: number } =>
    run.durationMs !== null
  ).toReversed();
  const longest = Math.max(...ended.map(({ durationMs }) => durationMs));
  return (
    <section class="card outcomes" aria-labelledby="durations">
      <header class="card-head">
        <h2 id="durations">How long runs took</h2>
        <p class="muted">
          {ended.length < 2
            ? "Seconds a run"
            : `Seconds, last ${ended.length} that ended · longest ${formatDuration(longest)}`}
        </p>
      </header>
      {ended.length < 2 ? <p class="chart-note">Bars appear when the second run has ended.</p> : (
        <>
          <ul class="legend">
            {OUTCOMES.map(({ name }) => <li key={name}>{name}</li>)}
          </ul>
          <BarChart
            label={`Bar chart of the durations of ${ended.length} runs, #${ended[0]!.id} to #${
              ended.at(-1)!.id
            }, by outcome. The table of runs below has the values.`}
            labels={ended.map(({ id, startedAt }) => `${formatUtcDate(startedAt).slice(5)} #${id}`)}
            series={OUTCOMES.map(({ name, statuses }) => ({
              name,
              values: ended.map(({ status, durationMs }) =>
                statuses.some((each) => each === status) ? durationMs / 1000 : 0
              ),
            }))}
            format={{ unit: "s", decimals: 2, isSigned: false }}
            isSeries
          />
          <ChartNeedsScript>the table of runs below has the same durations</ChartNeedsScript>
        </>
      )}
    </section>
  );
}
