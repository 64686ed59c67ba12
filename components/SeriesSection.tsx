import type { Refusal } from "../db/refusals.ts";
import type { SeriesHealth } from "../db/series_health.ts";
import { Age } from "./Age.tsx";
import { formatShare } from "./completeness.ts";
import {
  formatAge,
  formatCount,
  formatInterval,
  formatOpenTime,
  formatUtc,
  MISSING,
} from "./format.ts";
import { FreshnessBadge } from "./FreshnessBadge.tsx";

interface SeriesSectionProps {
  /** What is overdue first. */
  series: SeriesHealth[];
  refusals: Refusal[];
  /** Words for the window of completeness: `last 30 days`. */
  windowInWords: string;
  /** The same page with the other window. */
  otherWindow: { href: string; label: string; note: string };
  now: Date;
}

/** How new and how whole each series is, one row a series. */
export function SeriesSection(
  { series, refusals, windowInWords, otherWindow, now }: SeriesSectionProps,
) {
  return (
    <section class="card table-card" aria-labelledby="series">
      <header class="card-head">
        <h2 id="series">Freshness and completeness</h2>
        {series.length > 0 && (
          <p class="muted">
            What is overdue first · completeness of the{" "}
            {windowInWords}, between the oldest and the newest candle stored ·{" "}
            <a href={otherWindow.href}>{otherWindow.label}</a> {otherWindow.note}
          </p>
        )}
      </header>
      {series.length === 0
        ? (
          <p class="chart-note">
            No series is loaded yet. <code>deno task etl</code> loads the watchlist.
          </p>
        )
        : (
          <div
            class="table-scroll tall"
            tabIndex={0}
            role="group"
            aria-label="Freshness and completeness, scrolls"
          >
            <table class="series">
              <thead>
                <tr>
                  <th scope="col">Series</th>
                  <th scope="col">State</th>
                  <th scope="col">Newest candle, UTC</th>
                  <th scope="col" title="When the next candle has ended and had time to be loaded">
                    Next is due
                  </th>
                  <th scope="col">Complete</th>
                  <th scope="col" class="number">Stored</th>
                  <th scope="col" class="number">Expected</th>
                  <th scope="col" class="number">Missing</th>
                </tr>
              </thead>
              <tbody>
                {series.map((each) => (
                  <Row
                    key={`${each.symbol} ${each.candleInterval}`}
                    series={each}
                    isRefused={refusals.some(({ symbol, candleInterval }) =>
                      symbol === each.symbol && candleInterval === each.candleInterval
                    )}
                    now={now}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}

function Row({ series, isRefused, now }: {
  series: SeriesHealth;
  isRefused: boolean;
  now: Date;
}) {
  const { symbol, slug, candleInterval, freshness, newestFinalAt, ageMs, dueAt } = series;
  return (
    <tr>
      <th scope="row">
        <a href={`/instruments/${slug}?interval=${candleInterval}`}>{symbol}</a>
        <span class="note">{formatInterval(candleInterval)}</span>
      </th>
      <td>
        <FreshnessBadge freshness={freshness} />
        {isRefused && <span class="note">refused, see above</span>}
      </td>
      <td>
        {newestFinalAt === null ? MISSING : formatOpenTime(newestFinalAt, candleInterval)}
        {ageMs !== null && (
          <span class="note">
            ended <Age at={new Date(now.getTime() - ageMs)} now={now} />
          </span>
        )}
      </td>
      <td>{dueAt === null ? MISSING : <Due at={dueAt} now={now} />}</td>
      <td>
        <Completeness series={series} />
      </td>
      {[series.haveCandles, series.expectedCandles, series.missingCandles].map((count, index) => (
        <td key={index} class="number">{count === null ? MISSING : formatCount(count)}</td>
      ))}
    </tr>
  );
}

function Due({ at, now }: { at: Date; now: Date }) {
  return (
    <>
      {formatUtc(at)}
      <span class={at < now ? "note warn" : "note"}>
        {at < now ? `${formatAge(at, now)} ago` : `in ${formatAge(now, at)}`}
      </span>
    </>
  );
}

function Completeness({ series: { percent, calendar, haveCandles } }: { series: SeriesHealth }) {
  if (percent !== null) {
    return (
      <>
        <progress max={100} value={percent} aria-hidden="true"></progress> {formatShare(percent)}
      </>
    );
  }
  if (haveCandles === null) return <span class="muted">no candle in this window</span>;
  return (
    <span class="muted">
      {calendar === null ? "no calendar is known" : "none is expected"}
    </span>
  );
}
