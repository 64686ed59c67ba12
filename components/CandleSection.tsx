import PriceChart from "../islands/PriceChart.tsx";
import type { Candle } from "../market/candle.ts";
import type { Instrument } from "../market/instrument.ts";
import { type Interval, isDateInterval } from "../market/interval.ts";
import { CandleTable, MOST_ROWS } from "./CandleTable.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatInterval, formatUtc, formatUtcDate } from "./format.ts";
import { quoteCurrency } from "./quote_currency.ts";

interface CandleSectionProps {
  instrument: Instrument;
  interval: Interval;
  /** Intervals with stored candles. */
  intervals: Interval[];
  /** Ascending. */
  candles: Candle[];
  decimals: number;
}

/** The candles of one interval as a chart and as a table. */
export function CandleSection(props: CandleSectionProps) {
  const { instrument, interval, intervals, candles, decimals } = props;
  const first = candles[0];
  const last = candles.at(-1);
  const hasVolume = candles.some((candle) => candle.volume !== null);
  const tableRows = Math.min(candles.length, MOST_ROWS);
  return (
    <section class="card" aria-labelledby="candles">
      <header class="card-head">
        <h2 id="candles">Candles</h2>
        <p class="muted">
          {quoteCurrency(instrument)}, times in UTC
          {hasVolume ? ", volume below" : "; volume is not reported"}
        </p>
        <nav class="segments" aria-label="Interval">
          {intervals.map((each) => (
            <a
              key={each}
              href={`?interval=${each}`}
              aria-current={each === interval ? "true" : undefined}
            >
              {formatInterval(each)}
            </a>
          ))}
        </nav>
      </header>
      {first === undefined || last === undefined
        ? (
          <p class="chart-note">
            No candle of {formatInterval(interval)} is stored.{" "}
            {intervals.length > 0 && "Choose another interval."}
          </p>
        )
        : (
          <>
            <PriceChart
              label={`Candlestick chart of ${instrument.symbol}, ${
                formatInterval(interval)
              }, from ${describe(first, interval)} to ${
                describe(last, interval)
              } UTC, last close ${last.close}. The table below has the newest ${tableRows}.`}
              times={candles.map((candle) => candle.openedAt.getTime() / 1000)}
              opens={candles.map((candle) => Number(candle.open))}
              highs={candles.map((candle) => Number(candle.high))}
              lows={candles.map((candle) => Number(candle.low))}
              closes={candles.map((candle) => Number(candle.close))}
              volumes={hasVolume
                ? candles.map((candle) => candle.volume === null ? null : Number(candle.volume))
                : null}
              decimals={decimals}
              hasTime={!isDateInterval(interval)}
            />
            <ChartNeedsScript>
              the table below has the newest {tableRows} candles
            </ChartNeedsScript>
            <CandleTable
              candles={candles}
              interval={interval}
              decimals={decimals}
              hasVolume={hasVolume}
            />
          </>
        )}
    </section>
  );
}

function describe(candle: Candle, interval: Interval): string {
  return isDateInterval(interval) ? formatUtcDate(candle.openedAt) : formatUtc(candle.openedAt);
}
