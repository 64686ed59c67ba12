import { createWallClock, formatWall, placeOf } from "../islands/price_chart/wall_clock.ts";
import type { Candle } from "../market/candle.ts";
import { type Interval, isDateInterval } from "../market/interval.ts";
import { formatCount, formatPrice, formatUtcDate, formatVolume, MISSING } from "./format.ts";
import { Forming } from "./Forming.tsx";

interface CandleTableProps {
  /** Ascending; shown newest first. */
  candles: Candle[];
  interval: Interval;
  decimals: number;
  /** What a volume counts; null where none is reported. */
  volumeUnit: string | null;
  /** IANA zone of the times of day. */
  zone: string;
}

/** Rows in the page; the chart and the API have more. */
export const MOST_ROWS = 48;

/** The newest candles as a table, for those who read numbers. */
export function CandleTable({ candles, interval, decimals, volumeUnit, zone }: CandleTableProps) {
  const newest = candles.slice(-MOST_ROWS).toReversed();
  const isDate = isDateInterval(interval);
  const clock = createWallClock(zone);
  const toLocal = (openedAt: Date) => formatWall(clock(openedAt.getTime() / 1000), true);
  return (
    <details class="more">
      <summary>Newest {formatCount(newest.length)} candles as a table</summary>
      <div class="table-scroll" tabIndex={0} role="group" aria-label="Candles, scrolls sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">{isDate ? "Date" : `Opened, ${placeOf(zone)}`}</th>
              {["Open", "High", "Low", "Close"].map((name) => (
                <th key={name} scope="col" class="number">{name}</th>
              ))}
              {volumeUnit && <th scope="col" class="number">Volume, {volumeUnit}</th>}
            </tr>
          </thead>
          <tbody>
            {newest.map((candle) => (
              <tr key={candle.openedAt.getTime()}>
                <th scope="row">
                  <time dateTime={candle.openedAt.toISOString()}>
                    {isDate ? formatUtcDate(candle.openedAt) : toLocal(candle.openedAt)}
                  </time>
                  {!candle.isFinal && <Forming />}
                </th>
                {[candle.open, candle.high, candle.low, candle.close].map((price, index) => (
                  <td key={index} class="number">
                    <data value={price}>{formatPrice(price, decimals)}</data>
                  </td>
                ))}
                {volumeUnit && (
                  <td class="number">
                    {candle.volume === null ? MISSING : formatVolume(candle.volume)}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
