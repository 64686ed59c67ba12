import { REPAIRED_DAYS } from "../db/gaps.ts";
import type { BackfillStatus } from "../db/status.ts";
import { counted, formatAge, formatUtc } from "./format.ts";

interface ScheduleSectionProps {
  /** Null where nothing starts a run. */
  schedule: { inWords: string; expression: string } | null;
  /** The next starts, ascending. */
  next: Date[];
  backfills: BackfillStatus[];
  now: Date;
}

/** What runs next, and when. */
export function ScheduleSection({ schedule, next, backfills, now }: ScheduleSectionProps) {
  return (
    <section class="card" aria-labelledby="schedule">
      <header class="card-head">
        <h2 id="schedule">What runs next</h2>
        <p class="muted">
          {schedule === null ? "Nothing starts a run by itself here." : (
            <>
              {schedule.inWords}, UTC, while the site runs (<code>ETL_CRON</code> is{" "}
              <code>{schedule.expression}</code>)
            </>
          )}
        </p>
      </header>
      <ul class="facts">
        {next.map((at) => (
          <li key={at.toISOString()}>
            <time dateTime={at.toISOString()}>{formatUtc(at)} UTC</time>
            <span class="muted">in {formatAge(now, at)}</span>
          </li>
        ))}
        {schedule !== null && next.length === 0 && <li>It names no date that is still to come.</li>}
        <li>{workOf(schedule !== null, backfills)}</li>
        <li>
          <span>
            <code>deno task etl</code> starts one at any time.
          </span>
        </li>
      </ul>
    </section>
  );
}

function workOf(isScheduled: boolean, backfills: BackfillStatus[]): string {
  const each = isScheduled ? "Each loads" : "A run loads";
  const all =
    `${each} what is new of every series, then what is missing of the last ${REPAIRED_DAYS} days`;
  if (backfills.length === 0) return `${all}.`;
  const requests = backfills.reduce((sum, { requestsLeft }) => sum + requestsLeft, 0);
  return `${all}, then goes on with ${counted(backfills.length, "unfinished backfill")}: about ${
    counted(requests, "request")
  } left.`;
}
