import type { RunStepRow } from "../db/runs.ts";
import BarChart from "../islands/BarChart.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { counted, formatDuration } from "./format.ts";

/** Names need room beside each other. */
const MOST_BARS = 12;

/** The slowest steps of a run as bars; the table below has all of them. */
export function StepDurations({ steps }: { steps: RunStepRow[] }) {
  const slowest = steps.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, MOST_BARS);
  const sum = (of: (step: RunStepRow) => number) => steps.reduce((total, s) => total + of(s), 0);
  const credits = sum((step) => step.credits);
  return (
    <>
      <p class="chart-head">
        {steps.length > MOST_BARS ? `The ${MOST_BARS} slowest of ${steps.length}` : "The slowest"}
        {" first, in seconds · together "}
        {formatDuration(sum((step) => step.durationMs))} and {counted(credits, "credit")}
      </p>
      <div class="step-bars">
        <BarChart
          label={`Bar chart of the durations of the ${slowest.length} slowest steps, from ${
            slowest[0]!.symbol
          } ${slowest[0]!.candleInterval} down. The table below has the values.`}
          labels={slowest.map(({ symbol, candleInterval }) => `${symbol} ${candleInterval}`)}
          series={[{ name: "Duration", values: slowest.map((step) => step.durationMs / 1000) }]}
          format={{ unit: "s", decimals: 3, isSigned: false }}
          isSeries={false}
        />
      </div>
      <ChartNeedsScript>the table below has the same durations</ChartNeedsScript>
    </>
  );
}
