import LineChart from "../islands/LineChart.tsx";
import type { Instrument } from "../market/instrument.ts";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { comparePath, type CompareView, ROLLING_WINDOWS } from "./compare_address.ts";
import { formatCount, formatNumber, formatUtcDate, MISSING } from "./format.ts";
import { SeriesTable } from "./SeriesTable.tsx";

interface RollingCorrelationProps {
  pair: readonly [Instrument, Instrument];
  /** Ascending; null until there are enough returns. */
  points: { openedAt: Date; correlation: number | null }[];
  view: CompareView;
}

/** How the correlation of two went over time. */
export function RollingCorrelation({ pair: [one, other], points, view }: RollingCorrelationProps) {
  const known = points.slice(points.findIndex(({ correlation }) => correlation !== null));
  const first = known[0];
  const last = known.at(-1);
  const names = `${one.symbol} and ${other.symbol}`;
  const isKnown = first !== undefined && first.correlation !== null;
  return (
    <section class="card" aria-labelledby="rolling">
      <header class="card-head">
        <h2 id="rolling">Rolling correlation of {names}</h2>
        <p class="muted">
          Each point: the last {view.window} daily returns that both have by then
        </p>
        <nav class="segments" aria-label="Returns in each point">
          {ROLLING_WINDOWS.map((window) => (
            <a
              key={window}
              href={`${comparePath({ ...view, window })}#rolling`}
              aria-current={window === view.window ? "true" : undefined}
            >
              {window} returns
            </a>
          ))}
        </nav>
      </header>
      {!isKnown || last === undefined
        ? (
          <p class="chart-note">
            The two have fewer than {view.window}{" "}
            daily returns in common, or one of them does not move. Choose fewer returns, a longer
            range or another pair.
          </p>
        )
        : (
          <>
            <LineChart
              label={`Line chart of the correlation of ${names} over ${view.window} returns, from ${
                formatUtcDate(first.openedAt)
              } (${tell(first.correlation)}) to ${formatUtcDate(last.openedAt)} (${
                tell(last.correlation)
              }). The table below has the values.`}
              labels={known.map(({ openedAt }) => formatUtcDate(openedAt))}
              series={[{
                name: names,
                values: known.map(({ correlation }) =>
                  correlation === null ? null : Number(correlation.toFixed(4))
                ),
              }]}
              format={{ unit: "", decimals: 2, isSigned: true }}
            />
            <ChartNeedsScript>the table below has the same values</ChartNeedsScript>
            <SeriesTable
              label={`Correlation on ${formatCount(known.length)} dates`}
              dates={known.map(({ openedAt }) => formatUtcDate(openedAt))}
              columns={[{
                name: "Correlation",
                values: known.map(({ correlation }) => tell(correlation)),
              }]}
            />
          </>
        )}
    </section>
  );
}

function tell(correlation: number | null): string {
  return correlation === null ? MISSING : formatNumber(correlation, 2);
}
