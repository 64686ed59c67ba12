import type { OverviewRow } from "../db/analytics.ts";
import type { SeriesStatus } from "../db/status.ts";
import { Age } from "./Age.tsx";
import { Change } from "./Change.tsx";
import { formatInterval, formatPercent, MISSING, priceDecimals } from "./format.ts";
import { KIND_HEADINGS, KINDS } from "./kinds.ts";
import { Price } from "./Price.tsx";
import { quoteCurrency } from "./quote_currency.ts";
import { Sparkline } from "./Sparkline.tsx";

interface OverviewTableProps {
  rows: OverviewRow[];
  /** The series that lack candles which have ended. */
  stale: SeriesStatus[];
  now: Date;
}

/** Every instrument, grouped by kind. */
export function OverviewTable({ rows, stale, now }: OverviewTableProps) {
  return (
    <div class="card table-card">
      <table class="overview">
        <caption class="visually-hidden">
          Last price of every instrument, its changes in per cent and its last 7 days
        </caption>
        <thead>
          <tr>
            <th scope="col">Instrument</th>
            <th scope="col" class="number">Price, age</th>
            <th scope="col" class="number">24 h</th>
            <th scope="col" class="number wide">7 d</th>
            <th scope="col" class="number wider">30 d</th>
            <th scope="col" class="trend">Last 7 days</th>
          </tr>
        </thead>
        {KINDS.map((kind) => {
          const group = rows.filter((row) => row.kind === kind);
          return group.length > 0 && (
            <tbody key={kind}>
              <tr class="group">
                <th scope="rowgroup" colSpan={6}>{KIND_HEADINGS[kind]}</th>
              </tr>
              {group.map((row) => (
                <Row
                  key={row.instrumentId}
                  row={row}
                  stale={stale.filter(({ symbol }) => symbol === row.symbol)}
                  now={now}
                />
              ))}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}

interface RowProps {
  row: OverviewRow;
  /** Those of this instrument. */
  stale: SeriesStatus[];
  now: Date;
}

function Row({ row, stale, now }: RowProps) {
  const decimals = priceDecimals([...row.sparkline.map(String), row.price ?? "1"], row.kind);
  return (
    <tr>
      <th scope="row">
        <a class="symbol" href={`/instruments/${row.slug}`}>{row.symbol}</a>
        <span class="name">{row.name}</span>
      </th>
      <td class="number">
        <Price price={row.price} decimals={decimals} currency={quoteCurrency(row)} />
        <span class="note">
          {/* A candle that is not followed any more does not form. */}
          {row.isForming && stale.length === 0 && <Forming />}
          {row.pricedAt === null ? "no candle yet" : <Age at={row.pricedAt} now={now} />}
          {stale.length > 0 && <Stale series={stale} />}
        </span>
      </td>
      <td class="number">
        <Change percent={row.change24hPercent} />
      </td>
      <td class="number wide">
        <Change percent={row.change7dPercent} />
      </td>
      <td class="number wider">
        <Change percent={row.change30dPercent} />
      </td>
      <td class="trend">
        <Sparkline values={row.sparkline} label={describeTrend(row)} change={row.change7dPercent} />
      </td>
    </tr>
  );
}

/** The newest candle is not over: its close will move. */
export function Forming() {
  return <span class="forming" title="The newest candle is still forming">forming</span>;
}

function Stale({ series }: { series: SeriesStatus[] }) {
  const intervals = series.map(({ candleInterval }) => formatInterval(candleInterval)).join(", ");
  return (
    <>
      {" "}
      <span class="badge warn" title={`Candles have ended that are not stored: ${intervals}`}>
        stale
      </span>
    </>
  );
}

function describeTrend({ symbol, change7dPercent }: OverviewRow): string {
  const change = change7dPercent === null ? MISSING : formatPercent(change7dPercent);
  return `${symbol} over the last 7 days: ${change}`;
}
