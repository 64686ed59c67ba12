import type { OverviewRow } from "../db/overview.ts";
import BarChart from "../islands/BarChart.tsx";
import type { Span } from "../market/span.ts";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { changeOver, rankOver, SPAN_LABELS, SPAN_WORDS } from "./spans.ts";

/** Frappe's bars stay readable up to here; the table has the rest. */
const MOST_MOVERS = 24;

interface MoversSectionProps {
  /** Those with a current price. */
  rows: OverviewRow[];
  span: Span;
}

/** The largest gains and losses as bars. */
export function MoversSection({ rows, span }: MoversSectionProps) {
  const known = rankOver(rows, span);
  const movers = known.length <= MOST_MOVERS ? known : largest(known, span);
  return (
    <section class="card" aria-labelledby="movers">
      <header class="card-head">
        <h2 id="movers">Movers</h2>
        <p class="muted">
          Change {SPAN_WORDS[span]}, %, largest gain first
          {known.length > movers.length && `; the ${movers.length} that moved most`}
        </p>
      </header>
      {movers.length === 0
        ? (
          <p class="chart-note">
            No current price has a change {SPAN_WORDS[span]}. <a href="/pipeline">The pipeline</a>
            {" "}
            says what is missing.
          </p>
        )
        : (
          <>
            <BarChart
              label={`Bar chart of changes ${SPAN_WORDS[span]} from ${
                movers[0]!.symbol
              } (best) to ${
                movers.at(-1)!.symbol
              } (worst). The table of instruments has the values.`}
              labels={movers.map((row) => row.symbol)}
              series={[{
                name: SPAN_LABELS[span],
                values: movers.map((row) => Number(changeOver(row, span)!.toFixed(4))),
              }]}
              format={{ unit: "%", decimals: 2, isSigned: true }}
              isSeries={false}
            />
            <ChartNeedsScript>the table of instruments has the same changes</ChartNeedsScript>
          </>
        )}
    </section>
  );
}

/** Those that moved most either way, gains first. */
function largest(ranked: OverviewRow[], span: Span): OverviewRow[] {
  const size = (row: OverviewRow) => Math.abs(changeOver(row, span)!);
  return rankOver(ranked.toSorted((a, b) => size(b) - size(a)).slice(0, MOST_MOVERS), span);
}
