/** How far back statistics of an instrument look. Pure. */
import { z } from "zod";
import { DAY_MS } from "./holidays.ts";

const NAMES = ["30d", "90d", "1y", "3y", "all"] as const;

/** A window by its name. */
export const StatsWindow = z.enum(NAMES, { error: `must be one of ${NAMES.join(", ")}` });
export type StatsWindow = z.infer<typeof StatsWindow>;

/** Dates `[from, to)` of daily candles, each its 00:00 UTC; null bounds nothing. */
export interface DateWindow {
  from: Date | null;
  to: Date;
}

/** The dates of a window that ends with the date of `now`, which is in it: 30 days are 30 dates. */
export function datesOf(window: StatsWindow, now: Date): DateWindow {
  const to = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS + DAY_MS);
  if (window === "all") return { from: null, to };
  const count = Number.parseInt(window);
  const from = new Date(to);
  if (window.endsWith("d")) from.setUTCDate(from.getUTCDate() - count);
  else from.setUTCFullYear(from.getUTCFullYear() - count);
  return { from, to };
}
