import { type ChartView, writeView } from "../islands/chart_view.ts";
import PriceChart from "../islands/PriceChart.tsx";
import type { Page } from "../islands/price_chart/columns.ts";
import type { RangeName } from "../islands/price_chart/ranges.ts";
import type { Candle } from "../market/candle.ts";
import type { Instrument } from "../market/instrument.ts";
import { type Interval, isDateInterval } from "../market/interval.ts";
import { CandleTable, MOST_ROWS } from "./CandleTable.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatInterval, formatOpenTime, formatPrice } from "./format.ts";
import { quoteCurrency } from "./quote_currency.ts";
import { SOURCES } from "./SourceBanner.tsx";
import { volumeUnit } from "./volume_unit.ts";

interface CandleSectionProps {
  /** The address of the page. */
  url: string;
  instrument: Instrument;
  interval: Interval;
  /** Intervals with stored candles. */
  intervals: Interval[];
  /** What the chart shows, of which candles. */
  view: ChartView;
  first: Page;
  ranges: RangeName[];
  others: Instrument[];
  /** The newest candles, ascending and exact. */
  candles: Candle[];
  decimals: number;
}

/** The candles of one interval as a chart and as a table. */
export function CandleSection(props: CandleSectionProps) {
  const { instrument, interval, intervals, view, url, first, ranges, others, candles, decimals } =
    props;
  const newest = candles.at(-1);
  const hasVolume = first.volumes.some((volume) => volume !== null);
  const isSplit = instrument.kind === "stock" || instrument.kind === "etf";
  const tableRows = Math.min(candles.length, MOST_ROWS);
  return (
    <section class="card" aria-labelledby="candles">
      <header class="card-head">
        <h2 id="candles">Candles</h2>
        <p class="muted">
          {quoteCurrency(instrument)}
          {isSplit && ", adjusted for splits"}
          {hasVolume ? ", volume below" : "; volume is not reported"}
        </p>
      </header>
      {newest === undefined ? <NoCandles interval={interval} intervals={intervals} /> : (
        <>
          <PriceChart
            label={`Candlestick chart of ${instrument.symbol}, ${formatInterval(interval)}, from ${
              formatOpenTime(new Date(first.times[0]! * 1000), interval)
            } to ${formatOpenTime(newest.openedAt, interval)} UTC, ${
              newest.isFinal ? "last close" : "last candle still forming, at"
            } ${formatPrice(newest.close, decimals)}. The table below has the newest ${tableRows}.`}
            setup={{
              symbol: instrument.symbol,
              source: SOURCES[instrument.source],
              interval,
              decimals,
              hasTime: !isDateInterval(interval),
              hasVolume,
              exchangeZone: exchangeZoneOf(instrument),
              others: others.map(({ slug, symbol }) => ({ slug, symbol })),
              first,
            }}
            search={writeView(view, new URL(url).search)}
            intervals={intervals.map((each) => ({ interval: each, name: formatInterval(each) }))}
            ranges={ranges}
          />
          <ChartNeedsScript>
            the table below has the newest {tableRows} candles
          </ChartNeedsScript>
          <CandleTable
            candles={candles}
            interval={interval}
            decimals={decimals}
            volumeUnit={hasVolume ? volumeUnit(instrument) : null}
            zone={view.zone === "exchange" ? exchangeZoneOf(instrument) ?? "UTC" : "UTC"}
          />
        </>
      )}
    </section>
  );
}

function NoCandles({ interval, intervals }: Pick<CandleSectionProps, "interval" | "intervals">) {
  return (
    <>
      <p class="chart-note">
        No candle of {formatInterval(interval)} is stored.{" "}
        {intervals.length > 0 && "Choose another interval."}
      </p>
      <nav class="chart-tools segments" aria-label="Interval">
        {intervals.map((each) => <a key={each} href={`?interval=${each}`}>{formatInterval(each)}
        </a>)}
      </nav>
    </>
  );
}

/** The zone of the instrument's exchange; null where that is UTC, or there is no exchange. */
function exchangeZoneOf({ exchangeTimezone }: Instrument): string | null {
  return exchangeTimezone === "UTC" ? null : exchangeTimezone;
}
