import assert from "node:assert/strict";
import { countRequestsLeft, estimateRequests } from "../../db/backfill_cost.ts";
import { requestBackfill } from "../../db/backfills.ts";
import type { Interval } from "../../market/interval.ts";
import { sessionOf } from "../../market/session.ts";
import { forEachDatabase } from "../support/databases.ts";
import { storeInstrument } from "../support/market.ts";

const HOUR_MS = 3_600_000;
const YEAR_MS = 364 * 24 * HOUR_MS;
const NOTHING = { candles: 0, durationMs: 0 };
const STOCKS = sessionOf("stock", "America/New_York");
const COINS = sessionOf("crypto", null);

Deno.test("estimateRequests() counts pages of what the session trades", () => {
  const requests = (interval: Interval, session = COINS) =>
    estimateRequests(10 * YEAR_MS, interval, session, NOTHING);
  assert.equal(requests("1h"), Math.ceil(87_360 / 5000));
  assert.equal(requests("1min"), Math.ceil(5_241_600 / 5000));
  assert.equal(requests("1h", STOCKS), Math.ceil(520 * 35 / 5000), "seven a day, five days a week");
  assert.equal(requests("1day", STOCKS), 1);
  assert.equal(requests("1month"), 1);
  assert.equal(requests("1h", sessionOf("stock", "Asia/Tokyo")), requests("1h"), "not known");
  assert.equal(estimateRequests(1, "1h", COINS, NOTHING), 1, "the last page");
});

Deno.test("estimateRequests() believes what is loaded, when it is enough", () => {
  const requests = (candles: number) =>
    estimateRequests(10 * YEAR_MS, "1h", COINS, { candles, durationMs: 10 * candles * HOUR_MS });
  assert.equal(requests(5000), 2, "one candle in ten hours");
  assert.equal(requests(999), 18, "too few to say");
});

forEachDatabase(
  "countRequestsLeft() looks at the candles loaded of the window",
  async ({ sql }) => {
    const { id: instrumentId } = await storeInstrument(sql);
    const window = { from: new Date("2016-01-01"), to: new Date("2026-01-01"), isOpenEnded: false };
    const backfill = await requestBackfill(
      sql,
      { instrumentId, candleInterval: "1h", ...window },
      new Date("2026-02-01"),
    );
    assert.equal(await countRequestsLeft(sql, backfill, COINS), Math.ceil(3653 * 24 / 5000));
    await sql`
    insert into market.candles (
      instrument_id, candle_interval, opened_at, open, high, low, close, is_final, run_id, loaded_at
    )
    select ${instrumentId}, '1h', opened_at, 1, 1, 1, 1, true, 1, '2026-02-01Z'
    from generate_series('2025-01-01Z'::timestamptz, '2025-12-31Z', '4 hours') opened_at`;
    const reached = { ...backfill, reachedAt: new Date("2025-01-01") };
    const left = await countRequestsLeft(sql, reached, COINS);
    assert.equal(left, Math.ceil(3288 * 6 / 5000), "six a day");
  },
);
