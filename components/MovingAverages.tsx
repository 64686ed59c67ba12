import type { AveragePoint } from "../db/class_page.ts";
import type { OverviewRow } from "../db/overview.ts";
import LineChart from "../islands/LineChart.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatPrice, MISSING, priceDecimals } from "./format.ts";
import { type MarketView, viewHref } from "./market_view.ts";
import { quoteCurrency } from "./quote_currency.ts";
import { SeriesTable } from "./SeriesTable.tsx";

interface MovingAveragesProps {
  rows: OverviewRow[];
  /** The instrument that was chosen. */
  chosen: OverviewRow;
  averages: AveragePoint[];
  view: MarketView;
}

/** Closes of one instrument of the class, with their means over 7 and 30 days. */
export function MovingAverages({ rows, chosen, averages, view }: MovingAveragesProps) {
  const decimals = priceDecimals(averages.map(({ close }) => close), chosen.kind);
  const dates = averages.map(({ date }) => date);
  const series = [
    { name: "Close", values: averages.map(({ close }) => Number(close)) },
    { name: "7 days", values: averages.map(({ average7Days }) => average7Days) },
    { name: "30 days", values: averages.map(({ average30Days }) => average30Days) },
  ];
  const unit = quoteCurrency(chosen) ?? "";
  return (
    <section id="averages" class="card" aria-labelledby="averages-title">
      <header class="card-head">
        <h2 id="averages-title">Moving averages of {chosen.symbol}</h2>
        <p class="muted">
          Close and its means over 7 and 30 days of real time{unit && `, ${unit}`}
        </p>
      </header>
      {rows.length > 1 && (
        <ul id="averages-choice" class="chips" aria-label="Instrument" data-follows>
          {rows.map(({ slug, symbol }) => (
            <li key={slug}>
              <a
                data-live="averages"
                href={viewHref(view, { symbol: slug })}
                aria-current={slug === chosen.slug ? "true" : undefined}
              >
                {symbol}
              </a>
            </li>
          ))}
        </ul>
      )}
      {averages.length < 2
        ? (
          <p class="chart-note">
            Averages need two final daily candles in this window. Choose a longer one, or load more
            with <code>deno task etl backfill</code>.
          </p>
        )
        : (
          <>
            <LineChart
              label={`Line chart of ${chosen.symbol} from ${dates[0]} to ${
                dates.at(-1)
              }: close, mean of 7 days, mean of 30 days. The table below has the values.`}
              labels={dates}
              series={series.map(({ name, values }) => ({
                name,
                values: values.map((value) =>
                  value === null ? null : Number(value.toFixed(decimals))
                ),
              }))}
              format={{ unit, decimals, isSigned: false }}
            />
            <ChartNeedsScript>the table below has the same values</ChartNeedsScript>
            <SeriesTable
              label={`Averages on ${dates.length} dates`}
              dates={dates}
              columns={[
                {
                  name: "Close",
                  values: averages.map(({ close }) => formatPrice(close, decimals)),
                },
                ...series.slice(1).map(({ name, values }) => ({
                  name,
                  values: values.map((value) =>
                    value === null ? MISSING : formatPrice(String(value), decimals)
                  ),
                })),
              ]}
            />
          </>
        )}
    </section>
  );
}
