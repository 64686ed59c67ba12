/** When the scheduled run starts. Pure: the expression and the clock are arguments. */
import { Cron } from "croner";

/** The instants in `(after, until]` at which the expression (UTC, days of the week 1-7) fires, ascending. */
export function firingsBetween(expression: string, after: Date, until: Date): Date[] {
  const firings: Date[] = [];
  for (let at = nextFiring(expression, after); at && at <= until; at = nextFiring(expression, at)) {
    firings.push(at);
  }
  return firings;
}

/** The first instant after `after` at which the expression fires; null when it never does again. */
export function nextFiring(expression: string, after: Date): Date | null {
  // As `Deno.cron` counts the days of the week: 1 is Sunday.
  return new Cron(expression, { timezone: "UTC", alternativeWeekdays: true }).nextRun(after);
}
