import type { Drawdown, DrawdownPoint } from "../db/instrument_statistics.ts";
import LineChart from "../islands/LineChart.tsx";
import { Change } from "./Change.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatCount, formatPercent } from "./format.ts";
import { TableBehind } from "./TableBehind.tsx";

interface DrawdownSectionProps {
  /** Ascending. */
  path: DrawdownPoint[];
  /** The deepest first. */
  deepest: Drawdown[];
}

/** How far the price was below its highest close, and the falls that went deepest. */
export function DrawdownSection({ path, deepest }: DrawdownSectionProps) {
  const first = path[0];
  const last = path.at(-1);
  const [worst] = deepest;
  return (
    <section class="card" aria-labelledby="drawdown">
      <header class="card-head">
        <h3 id="drawdown">Drawdown</h3>
        <p class="muted">Close below the highest close of the window so far, %</p>
      </header>
      {first === undefined || last === undefined || path.length < 2
        ? (
          <p class="chart-note">
            {path.length === 0 ? "No daily candle" : "One daily candle"}{" "}
            in this window: drawdowns appear with the second.
          </p>
        )
        : (
          <>
            <LineChart
              label={`Line chart of the drawdown from ${first.date} to ${last.date}. ${
                worst
                  ? `The deepest, ${
                    formatPercent(worst.depthPercent)
                  }, was on ${worst.troughOn}. ` +
                    "The table below has the deepest five."
                  : "The price never closed below an earlier close."
              }`}
              labels={path.map(({ date }) => date)}
              series={[{
                name: "Below the highest close",
                values: path.map(({ depthPercent }) => Number(depthPercent.toFixed(4))),
              }]}
              format={{ unit: "%", decimals: 2, isSigned: false }}
            />
            <ChartNeedsScript>the table below has the deepest drawdowns</ChartNeedsScript>
            {deepest.length > 0 && (
              <TableBehind
                summary={`The deepest ${
                  deepest.length === 1 ? "drawdown" : `${deepest.length} drawdowns`
                } as a table`}
                label="Deepest drawdowns"
                columns={["Peak", "Depth", "Trough", "Recovered", "Days"]}
              >
                {deepest.map((fall) => (
                  <tr key={fall.peakOn}>
                    <th scope="row">{fall.peakOn}</th>
                    <td class="number">
                      <Change percent={fall.depthPercent} />
                    </td>
                    <td class="number">{fall.troughOn}</td>
                    <td class="number">{fall.recoveredOn ?? "under way"}</td>
                    <td class="number">{formatCount(fall.durationDays)}</td>
                  </tr>
                ))}
              </TableBehind>
            )}
          </>
        )}
    </section>
  );
}
