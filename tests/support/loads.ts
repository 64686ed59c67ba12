/** Runs of the ETL against a simulator in this process, and what they leave in the database. */
import assert from "node:assert/strict";
import type { Database, Sql } from "../../db/connect.ts";
import { createUnlimitedCredits } from "../../etl/credits.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import type { RunDependencies } from "../../etl/record.ts";
import { createSimulator, type SimulatorOptions } from "../../simulator/simulator.ts";

/** Longer than the simulator needs for any answer, short enough to be waited for often. */
const TIMEOUT_MS = 40;

/** What a run needs, with a simulator that is called in this process and pauses that take no time. */
export function dependenciesOf(
  database: Database,
  options: SimulatorOptions & { now: () => Date },
): RunDependencies {
  const { now } = options;
  const simulator = createSimulator(options);
  const credits = createUnlimitedCredits();
  const provider = createTwelveDataClient({
    baseUrl: "http://simulator",
    source: "simulator",
    fetch: (request) => simulator.fetch(request),
    clock: { now, sleep: () => Promise.resolve() },
    timeoutMs: TIMEOUT_MS,
    credits,
  });
  return { database, provider, source: "simulator", now, credits };
}

/** Every stored candle as a line of text, exact to the last digit. */
export async function candleLines(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select concat_ws(
      '|', i.symbol, c.candle_interval, extract(epoch from c.opened_at), c.open, c.high, c.low,
      c.close, coalesce(c.volume::text, 'null'), c.is_final
    ) as line
    from market.candles c join market.instruments i on i.id = c.instrument_id
    order by i.symbol, c.candle_interval, c.opened_at`;
  return rows.map(({ line }) => line);
}

/** Fails with what is missing and what is there instead; a whole diff would be thousands of lines. */
export function assertSameLines(actual: string[], expected: string[], message = ""): void {
  if (actual.join("\n") === expected.join("\n")) return;
  const [has, wants] = [new Set(actual), new Set(expected)];
  const missing = expected.filter((line) => !has.has(line));
  const extra = actual.filter((line) => !wants.has(line));
  assert.fail(
    `${message} ${missing.length} candles are missing: ${missing.slice(0, 5).join(", ")}; ` +
      `${extra.length} should not be there: ${extra.slice(0, 5).join(", ")}`,
  );
}

/** Whatever was cut off, each watermark says what the candles beside it say. */
export async function assertNothingHalfWritten(sql: Sql): Promise<void> {
  const torn = await sql`
    select instrument_id, candle_interval, w.newest_final_at, c.newest_final_at as stored,
      w.oldest_at, c.oldest_at as oldest_stored
    from market.watermarks w
    full join (
      select instrument_id, candle_interval, min(opened_at) as oldest_at,
        max(opened_at) filter (where is_final) as newest_final_at
      from market.candles
      group by instrument_id, candle_interval
    ) c using (instrument_id, candle_interval)
    where w.newest_final_at is distinct from c.newest_final_at
      -- A rejected row counts as answered.
      or not coalesce(w.oldest_at <= c.oldest_at, w.oldest_at is not null)`;
  assert.deepEqual([...torn], [], "watermarks and candles agree");
  const [lost] = await sql<[{ steps: number }]>`
    select count(*) as steps from market.run_steps s
    where s.candles_inserted > 0 and not exists (
      select from market.candles c
      where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
    )`;
  assert.equal(lost.steps, 0, "a step that is recorded is stored");
}
