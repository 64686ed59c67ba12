import type { StalePrice } from "../db/overview.ts";
import { formatAge, formatInterval } from "./format.ts";

/** The price is older than its market lets it be. */
export function Stale({ candleInterval, dueAt, now }: StalePrice & { now: Date }) {
  const overdue = formatAge(dueAt, now);
  const title = `The next candle of ${formatInterval(candleInterval)} is ${overdue} overdue`;
  return (
    <>
      {" "}
      <span class="badge warn" title={title}>stale</span>
    </>
  );
}
