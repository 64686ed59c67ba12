import type { CreditStatus } from "../db/status.ts";
import { formatAge, formatCount, formatUtc, MISSING } from "./format.ts";

/** What the provider's plan grants, and how much of it is spent. */
export function CreditTiles({ credits, now }: { credits: CreditStatus; now: Date }) {
  const { spentLastMinute, perMinute, spentToday, perDay, dayResetsAt } = credits;
  return (
    <section aria-labelledby="credits">
      <h2 id="credits" class="visually-hidden">Credits</h2>
      <dl class="tiles">
        <div class="card tile">
          <dt>Credits, last minute</dt>
          <dd>{formatCount(spentLastMinute)} of {formatCount(perMinute)}</dd>
          <dd class="note muted">{left(spentLastMinute, perMinute)}</dd>
        </div>
        <div class="card tile">
          <dt>Credits, today (UTC)</dt>
          <dd>
            {formatCount(spentToday)}
            {perDay !== null && ` of ${formatCount(perDay)}`}
          </dd>
          <dd class="note muted">
            {perDay === null ? "spent; the plan has no daily cap" : left(spentToday, perDay)}
          </dd>
        </div>
        <div class="card tile">
          <dt>The day resets</dt>
          <dd>{perDay === null ? MISSING : `in ${formatAge(now, dayResetsAt)}`}</dd>
          <dd class="note muted">
            {perDay === null ? "no daily cap" : `${formatUtc(dayResetsAt)} UTC`}
          </dd>
        </div>
      </dl>
    </section>
  );
}

/** Another program with the same key may have spent more than was granted. */
function left(spent: number, granted: number): string {
  return `spent, ${formatCount(Math.max(0, granted - spent))} left`;
}
