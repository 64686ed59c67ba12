/** `/`: every instrument at a glance. */
import { ChartNeedsScript } from "../components/ChartNeedsScript.tsx";
import { EmptyState } from "../components/EmptyState.tsx";
import { MarketTiles } from "../components/MarketTiles.tsx";
import { OverviewTable } from "../components/OverviewTable.tsx";
import { listOverview, type OverviewRow } from "../db/analytics.ts";
import { listStaleSeries } from "../db/status.ts";
import BarChart from "../islands/BarChart.tsx";
import { createRoute } from "./_env.ts";

/** Frappe's bars stay readable up to here; the table has the rest. */
const MOST_MOVERS = 24;

export default createRoute(async (c) => {
  const now = c.env.now();
  const rows = await listOverview(c.env.sql, c.env.source, now);
  const page = {
    title: "Market overview",
    description: "Last prices, changes and trends of every instrument.",
    section: "market",
  } as const;
  if (!rows.some((row) => row.price !== null)) return c.render(<NothingYet rows={rows} />, page);
  const stale = await listStaleSeries(c.env.sql, c.env.source, now);
  const movers = listMovers(rows);
  return c.render(
    <>
      <div class="page-head">
        <h1>Market overview</h1>
        <p class="muted">{rows.length} instruments · changes over real time, not bars</p>
      </div>
      <MarketTiles rows={rows} now={now} />
      <OverviewTable rows={rows} stale={stale} now={now} />
      {movers.length > 0 && (
        <section class="card" aria-labelledby="movers">
          <header class="card-head">
            <h2 id="movers">Movers</h2>
            <p class="muted">Change over 24 h, %, largest gain first</p>
          </header>
          <BarChart
            label={`Bar chart of changes over 24 h from ${movers[0]!.symbol} (best) to ${
              movers.at(-1)!.symbol
            } (worst). The table above has the values.`}
            labels={movers.map((row) => row.symbol)}
            series={[{
              name: "24 h",
              values: movers.map((row) => Number(row.change24hPercent.toFixed(4))),
            }]}
            format={{ unit: "%", decimals: 2, isSigned: true }}
            isSeries={false}
          />
          <ChartNeedsScript>the table above has the same changes</ChartNeedsScript>
        </section>
      )}
    </>,
    page,
  );
});

/** The largest gains and losses over 24 h, gains first. */
function listMovers(rows: OverviewRow[]) {
  const moved = rows.filter((row): row is OverviewRow & { change24hPercent: number } =>
    row.change24hPercent !== null
  );
  return moved
    .sort((a, b) => Math.abs(b.change24hPercent) - Math.abs(a.change24hPercent))
    .slice(0, MOST_MOVERS)
    .sort((a, b) => b.change24hPercent - a.change24hPercent);
}

function NothingYet({ rows }: { rows: OverviewRow[] }) {
  return (
    <>
      <div class="page-head">
        <h1>Market overview</h1>
      </div>
      <EmptyState title="No candles yet">
        <p>
          {rows.length === 0
            ? "No instrument is stored yet. "
            : `${rows.length} instruments are known, and their candles are on the way. `}
          The first fill usually takes a few seconds: reload this page in a moment.
        </p>
        <p>
          If it stays empty, the pipeline page says what went wrong, and <code>deno task etl</code>
          {" "}
          loads once by hand.
        </p>
        <p>
          <a class="button" href="/">Reload</a>
          <a class="button" href="/pipeline">See the pipeline</a>
        </p>
      </EmptyState>
    </>
  );
}
