import assert from "node:assert/strict";
import {
  clearRefusal,
  clearRefusals,
  listRefusals,
  recordRefusal,
  type Refusal,
} from "../../db/refusals.ts";
import { forEachDatabase } from "../support/databases.ts";

const GATE: Refusal = {
  symbol: "SPX",
  candleInterval: "1day",
  reason: "symbol_plan",
  message: "available starting with Grow",
  plan: "Grow",
  refusedAt: new Date("2026-11-22T12:00:00Z"),
  askAgainAt: null,
};

forEachDatabase("A refusal is kept once a series, and forgotten on demand", async ({ sql }) => {
  await recordRefusal(sql, "twelve_data", { ...GATE, reason: "unknown_symbol", plan: null });
  await recordRefusal(sql, "twelve_data", GATE);
  await recordRefusal(sql, "twelve_data", { ...GATE, candleInterval: "1h" });
  await recordRefusal(sql, "simulator", GATE);
  assert.deepEqual([...await listRefusals(sql, "twelve_data")], [
    { ...GATE, candleInterval: "1h" },
    GATE,
  ]);
  await clearRefusal(sql, "twelve_data", "SPX", "1h");
  assert.deepEqual([...await listRefusals(sql, "twelve_data")], [GATE]);
  assert.equal(await clearRefusals(sql, "twelve_data", ["AAPL"]), 0);
  assert.equal(await clearRefusals(sql, "twelve_data", ["SPX"]), 1);
  assert.equal(await clearRefusals(sql, "simulator"), 1);
});
