import type { Drawdown, DrawdownPoint } from "../db/instrument_statistics.ts";
import LineChart from "../islands/LineChart.tsx";
import { Change } from "./Change.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatCount, formatNumber, formatPercent } from "./format.ts";
import { NoneInWindow } from "./NoneInWindow.tsx";
import { SeriesTable } from "./SeriesTable.tsx";
import { TableBehind } from "./TableBehind.tsx";

interface DrawdownSectionProps {
  /** Ascending. */
  path: DrawdownPoint[];
  /** The deepest first. */
  deepest: Drawdown[];
  /** The date of the last daily candle where it lies before the window. */
  endedOn: string | null;
}

/** How far the price was below its highest close, and the falls that went deepest. */
export function DrawdownSection({ path, deepest, endedOn }: DrawdownSectionProps) {
  const first = path[0];
  const last = path.at(-1);
  const [worst] = deepest;
  const told = deepest.length === 1
    ? "deepest drawdown"
    : `deepest ${formatCount(deepest.length)} drawdowns`;
  return (
    <section class="card" aria-labelledby="drawdown">
      <header class="card-head">
        <h3 id="drawdown">Drawdown</h3>
        <p class="muted">Close below the highest close of the window so far, %</p>
      </header>
      {first === undefined || last === undefined || path.length < 2
        ? (
          <NoneInWindow endedOn={endedOn} interval="daily">
            {path.length === 0 ? "No daily candle" : "One daily candle"}{" "}
            in this window: drawdowns appear with the second.
          </NoneInWindow>
        )
        : (
          <>
            <LineChart
              label={`Line chart of the drawdown from ${first.date} to ${last.date}. ${
                worst
                  ? `The deepest, ${
                    formatPercent(worst.depthPercent)
                  }, was on ${worst.troughOn}. ` +
                    `The tables below have the ${told} and the path.`
                  : "The price never closed below an earlier close. The table below has the path."
              }`}
              labels={path.map(({ date }) => date)}
              series={[{
                name: "Below the highest close",
                values: path.map(({ depthPercent }) => Number(depthPercent.toFixed(4))),
              }]}
              format={{ unit: "%", decimals: 2, isSigned: false }}
            />
            <ChartNeedsScript>the table below has the same values</ChartNeedsScript>
            {deepest.length > 0 && (
              <TableBehind
                summary={`The ${told} as a table`}
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
            <SeriesTable
              label={`Drawdown on ${formatCount(path.length)} dates`}
              dates={path.map(({ date }) => date)}
              columns={[{
                name: "Below the highest close, %",
                values: path.map(({ depthPercent }) => formatNumber(depthPercent, 2)),
              }]}
            />
          </>
        )}
    </section>
  );
}
