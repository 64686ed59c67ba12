/** When the scheduled run starts. Pure: the expression and the clock are arguments. */
import { Cron } from "croner";
import cronstrue from "cronstrue";

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

/** The first `count` instants after `after` at which the expression fires; fewer when it ends. */
export function nextFirings(expression: string, after: Date, count: number): Date[] {
  const firings: Date[] = [];
  let at = nextFiring(expression, after);
  while (at && firings.length < count) {
    firings.push(at);
    at = nextFiring(expression, at);
  }
  return firings;
}

/** The expression in words, times in UTC: `At 2 minutes past the hour`. */
export function describeSchedule(expression: string): string {
  return cronstrue.toString(expression, {
    use24HourTimeFormat: true,
    // As above: 1 is Sunday.
    dayOfWeekStartIndexZero: false,
  });
}
