/** A filled database whose pipeline has a past: runs of every outcome, gaps, rejects, days of credits. */
import type { Sql } from "../../db/connect.ts";
import { addToDays } from "../../db/credits.ts";
import { recordEmptyGap } from "../../db/gaps.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import type { RunSchedule } from "../../routes/_env.ts";
import { nextFirings } from "../../etl/schedule.ts";
import { storeReject } from "./rejects.ts";
import { storeRun } from "./runs.ts";
import { NOW, SYMBOLS } from "./site.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** The schedule of the default settings, by the clock of the tests. */
export const SCHEDULE: RunSchedule = {
  inWords: "At 2 minutes past the hour",
  expression: "2 * * * *",
  startsWithSite: true,
  next: (count) => nextFirings("2 * * * *", NOW, count),
};

/** How many runs {@linkcode storePast} adds; the last of them begins at `NOW`. */
export const PAST_RUNS = 30;

/** Adds a past to what one run of the simulator has stored. */
export async function storePast(sql: Sql): Promise<void> {
  for (let n = 0; n < PAST_RUNS; n++) {
    const status = n === 11 ? "failed" : n % 9 === 4 ? "partial" : "ok";
    const steps = SYMBOLS.flatMap((symbol, index) =>
      (["1h", "1day"] as const).map((candleInterval) => ({
        symbol,
        candleInterval,
        status: status !== "ok" && index === 0 ? "failed" as const : "ok" as const,
        durationMs: 40 + 17 * ((index * 7 + n * 3) % 13) + (candleInterval === "1h" ? 25 : 0),
        error: status !== "ok" && index === 0 ? "The provider answers 503" : null,
      }))
    );
    await storeRun(sql, {
      trigger: n % 10 === 7 ? "manual" : "cron",
      status,
      startedAt: new Date(NOW.getTime() - (PAST_RUNS - 1 - n) * HOUR_MS),
      durationMs: 1400 + 310 * (n % 7) + (status === "failed" ? 9000 : 0),
      steps: status === "failed" ? steps.slice(0, 3) : steps,
    });
  }
  await storeGaps(sql);
  for (let day = 0; day < 12; day++) {
    const startedAt = Math.floor(NOW.getTime() / DAY_MS) * DAY_MS - day * DAY_MS;
    await addToDays(sql, "simulator", [new Date(startedAt)], 210 + 37 * (day % 5));
  }
}

/** Two holes in the hours of Bitcoin: one to be repaired, one that the provider answered empty; and rejects. */
async function storeGaps(sql: Sql): Promise<void> {
  const bitcoin = await getInstrumentBySymbol(sql, "simulator", "BTC/USD");
  const instrumentId = bitcoin!.id;
  const holes = [
    ["2026-11-19T03:00:00Z", "2026-11-19T05:00:00Z"],
    ["2026-11-12T10:00:00Z", "2026-11-12T10:00:00Z"],
  ] as const;
  for (const [from, to] of holes) {
    await sql`
      delete from market.candles
      where instrument_id = ${instrumentId} and candle_interval = '1h'
        and opened_at between ${new Date(from)} and ${new Date(to)}`;
  }
  const openedAt = new Date(holes[1][0]);
  const gap = {
    instrumentId,
    candleInterval: "1h" as const,
    openedFrom: openedAt,
    openedTo: openedAt,
  };
  await recordEmptyGap(sql, gap, new Date(NOW.getTime() - 2 * HOUR_MS));
  await storeReject(sql, { instrumentId });
  await storeReject(sql, { instrumentId, reason: "close must be a number: current value is NaN" });
}
