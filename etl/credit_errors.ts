/** Why credits cannot be had, and when that changes. */
import { TerminalError } from "../market/errors.ts";

/** The request costs more than the plan's minute has, so it can never be made. */
export function tooLarge(cost: number, perMinute: number): TerminalError {
  return new TerminalError(
    `Cannot ask for what costs ${cost} credits at once as the plan's minute has ${perMinute}. ` +
      "Ask for less at a time, or choose a larger plan and set TWELVE_DATA_CREDITS_PER_MINUTE",
    { reason: "endpoint_plan" },
  );
}

/** The day has not enough left; `kept` credits of `left` plus `kept` are for the scheduled runs. */
export function dayGone(
  { left, resumesAt }: { left: number; resumesAt: Date },
  perDay: number,
  kept: number,
): TerminalError {
  const time = `${resumesAt.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const unspent = Math.max(0, left + kept);
  const why = left + kept > 0 && kept > 0
    ? `Cannot ask for history as the day's last ${unspent} credits are kept for the scheduled runs. `
    : `Cannot ask the provider as ${unspent} of the day's ${perDay} credits are left. `;
  return new TerminalError(
    `${why}It goes on at ${time}; TWELVE_DATA_CREDITS_PER_DAY says what the plan grants`,
    { reason: "day_credits", resumesAt },
  );
}
