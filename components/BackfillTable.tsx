import type { BackfillStatus } from "../db/status.ts";
import { counted, formatInterval, formatUtc, formatUtcDate } from "./format.ts";

interface BackfillTableProps {
  backfills: BackfillStatus[];
  /** When the last is done, at best; null where no credits are counted. */
  endAt: Date | null;
}

/** Windows of history that are being loaded, from their end backwards. */
export function BackfillTable({ backfills, endAt }: BackfillTableProps) {
  return (
    <section class="card table-card" aria-labelledby="backfills">
      <header class="card-head">
        <h2 id="backfills">Backfills</h2>
        <p class="muted">
          Loaded from the newest date backwards · <code>deno task etl backfill</code>{" "}
          goes on with them
        </p>
        {endAt !== null && (
          <p>
            Done by about{" "}
            <time dateTime={endAt.toISOString()}>{formatUtc(endAt)} UTC</time>, at best
          </p>
        )}
      </header>
      <div class="table-scroll" tabIndex={0} role="group" aria-label="Backfills, scrolls sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">Series</th>
              <th scope="col">Done, % of the time</th>
              <th scope="col">Left</th>
              <th scope="col">Loaded back to</th>
              <th scope="col">Wanted, UTC</th>
            </tr>
          </thead>
          <tbody>
            {backfills.map((backfill) => <Row key={backfill.id} backfill={backfill} />)}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ backfill }: { backfill: BackfillStatus }) {
  const { symbol, candleInterval, wantedFrom, wantedTo, reachedAt, requestsLeft } = backfill;
  // Rounded down: what still lacks a page is not at 100 %.
  const percent = Math.floor(backfill.percent);
  return (
    <tr>
      <th scope="row">
        {symbol}
        <span class="note">{formatInterval(candleInterval)}</span>
      </th>
      <td>
        <progress max={100} value={percent} aria-hidden="true"></progress> {percent} %
      </td>
      <td>about {counted(requestsLeft, "request")}</td>
      <td>{formatUtcDate(reachedAt)}</td>
      <td>
        {formatUtcDate(wantedFrom)} to {formatUtcDate(wantedTo)}
      </td>
    </tr>
  );
}
