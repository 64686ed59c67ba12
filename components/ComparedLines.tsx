import type { ComparedPoint } from "../db/comparison.ts";
import LineChart from "../islands/LineChart.tsx";
import type { Instrument } from "../market/instrument.ts";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatCount, formatFixed, formatUtcDate, MISSING } from "./format.ts";
import { SeriesTable } from "./SeriesTable.tsx";

interface ComparedLinesProps {
  instruments: Instrument[];
  /** Ascending; values in the order of `instruments`. */
  points: ComparedPoint[];
  /** Ids of those that have values. */
  drawn: number[];
}

/** What each has become of 100 since the first date that all have. */
export function ComparedLines({ instruments, points, drawn }: ComparedLinesProps) {
  const first = points[0];
  const last = points.at(-1);
  const lines = instruments.flatMap(({ id, symbol }, at) =>
    drawn.includes(id) ? [{ symbol, values: points.map(({ values }) => values[at] ?? null) }] : []
  );
  const absent = instruments.filter(({ id }) => !drawn.includes(id));
  return (
    <section class="card" aria-labelledby="lines">
      <header class="card-head">
        <h2 id="lines">Rebased to 100</h2>
        <p class="muted">
          {first && last &&
            `All are 100 on ${
              formatUtcDate(first.openedAt)
            }, the first date that all have, and go to ${
              formatUtcDate(last.openedAt)
            }, the last final one · daily closes, splits adjusted, each in its own currency`}
        </p>
      </header>
      {first === undefined || last === undefined
        ? (
          <p class="chart-note">
            They have no final daily candle on the same date in this range. Choose a longer range,
            or remove one of them.
          </p>
        )
        : (
          <>
            <LineChart
              label={`Line chart from ${formatUtcDate(first.openedAt)} to ${
                formatUtcDate(last.openedAt)
              } with 100 at its begin. At its end: ${
                lines.map(({ symbol, values }) => `${symbol} ${tell(values.at(-1))}`).join(", ")
              }. The table below has the values.`}
              labels={points.map(({ openedAt }) => formatUtcDate(openedAt))}
              series={lines.map(({ symbol, values }) => ({
                name: symbol,
                values: values.map((value) => value === null ? null : Number(value.toFixed(2))),
              }))}
              format={{ unit: "", decimals: 2, isSigned: false }}
            />
            <ChartNeedsScript>the table below has the same values</ChartNeedsScript>
            <SeriesTable
              label={`Values on ${formatCount(points.length)} dates`}
              dates={points.map(({ openedAt }) => formatUtcDate(openedAt))}
              columns={lines.map(({ symbol, values }) => ({
                name: symbol,
                values: values.map(tell),
              }))}
            />
          </>
        )}
      {first && absent.length > 0 && (
        <p class="chart-note">
          Without a final daily candle in this range:{" "}
          {absent.map(({ symbol }) => symbol).join(", ")}.
        </p>
      )}
    </section>
  );
}

function tell(value: number | null | undefined): string {
  return value === null || value === undefined ? MISSING : formatFixed(value, 2);
}
