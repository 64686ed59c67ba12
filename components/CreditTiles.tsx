import type { CreditStatus } from "../db/status.ts";
import { formatAge, formatCount, formatUtc, MISSING } from "./format.ts";
import { Tile } from "./Tile.tsx";

/** What the provider's plan grants, and how much of it is spent. */
export function CreditTiles({ credits, now }: { credits: CreditStatus; now: Date }) {
  const { spentLastMinute, perMinute, spentToday, perDay, dayResetsAt } = credits;
  return (
    <section aria-labelledby="credits">
      <h2 id="credits" class="visually-hidden">Credits</h2>
      <dl class="tiles">
        <Tile title="Credits, last minute" note={left(spentLastMinute, perMinute)}>
          {formatCount(spentLastMinute)} of {formatCount(perMinute)}
        </Tile>
        <Tile
          title="Credits, today (UTC)"
          note={perDay === null ? "spent; the plan has no daily cap" : left(spentToday, perDay)}
        >
          {formatCount(spentToday)}
          {perDay !== null && ` of ${formatCount(perDay)}`}
        </Tile>
        <Tile
          title="The day resets"
          note={perDay === null ? "no daily cap" : `${formatUtc(dayResetsAt)} UTC`}
        >
          {perDay === null ? MISSING : `in ${formatAge(now, dayResetsAt)}`}
        </Tile>
      </dl>
    </section>
  );
}

/** Another program with the same key may have spent more than was granted. */
function left(spent: number, granted: number): string {
  return `spent, ${formatCount(Math.max(0, granted - spent))} left`;
}
