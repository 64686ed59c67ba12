import type { RejectRow } from "../db/rejects.ts";
import type { Status } from "../db/status.ts";
import { Age } from "./Age.tsx";
import { formatCount, formatInterval } from "./format.ts";

interface RejectSectionProps {
  counts: Status["rejects"];
  /** The newest few, accepted ones too. */
  newest: RejectRow[];
  now: Date;
}

/** How many rows did not pass, and the newest of them. */
export function RejectSection({ counts, newest, now }: RejectSectionProps) {
  return (
    <section class="card" aria-labelledby="rejects">
      <header class="card-head">
        <h2 id="rejects">Rejected rows</h2>
        <p class="muted">
          {newest.length === 0
            ? "No row of the provider was rejected."
            : `${formatCount(counts.all)} not accepted, ${
              formatCount(counts.recent)
            } of them met in the last 7 days`}
        </p>
      </header>
      <ul class="facts">
        {newest.map((reject) => (
          <li key={reject.id}>
            <a href={`/pipeline/rejects?instrument=${reject.slug}#reject-${reject.id}`}>
              {reject.symbol} {formatInterval(reject.candleInterval)}
            </a>
            <span>{reject.reason}</span>
            <span class="muted">
              <Age at={reject.rejectedAt} now={now} />
              {reject.acceptedAt !== null && ", accepted"}
            </span>
          </li>
        ))}
        <li>
          <a href="/pipeline/rejects">
            {newest.length === 0 ? "What is checked" : "All rejected rows"}
          </a>
        </li>
      </ul>
    </section>
  );
}
