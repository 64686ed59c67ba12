import type { OverviewRow, StalePrice } from "../db/overview.ts";
import type { Span } from "../market/span.ts";
import { keyColumn } from "./overview_columns.ts";
import { OverviewHead } from "./OverviewHead.tsx";
import { OverviewLine } from "./OverviewLine.tsx";

interface WatchlistSectionProps {
  rows: OverviewRow[];
  stale: StalePrice[];
  span: Span;
  /** Slugs in the order in which they were starred; others than those of `rows` do not count. */
  watchlist: readonly string[];
  now: Date;
}

/** The starred instruments, or what a star is for. */
export function WatchlistSection(props: WatchlistSectionProps) {
  const { rows, stale, span, watchlist, now } = props;
  const starred = watchlist.flatMap((slug) => rows.filter((row) => row.slug === slug));
  return (
    <section id="watchlist" class="card" aria-labelledby="watchlist-title">
      <header class="card-head">
        <h2 id="watchlist-title">Watchlist</h2>
        <p class="muted hint" hidden={starred.length > 0}>
          Empty: the star before an instrument below puts it here, in this browser
        </p>
      </header>
      <div class="table-card" hidden={starred.length === 0}>
        <table class="overview" data-key={keyColumn(span, undefined)}>
          <caption class="visually-hidden">The instruments that you starred</caption>
          <OverviewHead sorting={null} />
          <tbody>
            {starred.map((row) => (
              <OverviewLine
                key={row.slug}
                row={row}
                stale={stale.find(({ instrumentId }) => instrumentId === row.instrumentId)}
                isStarred
                namesKind={false}
                now={now}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
