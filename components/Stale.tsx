import type { StalePrice } from "../db/overview.ts";
import { formatInterval } from "./format.ts";

/** The price is older than its market lets it be. */
export function Stale({ candleInterval, dueAt, now }: StalePrice & { now: Date }) {
  const overdue = Math.round((now.getTime() - dueAt.getTime()) / 3_600_000);
  const title = `The next candle of ${formatInterval(candleInterval)} is ${overdue} h overdue`;
  return (
    <>
      {" "}
      <span class="badge warn" title={title}>stale</span>
    </>
  );
}
