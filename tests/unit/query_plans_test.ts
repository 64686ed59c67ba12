import assert from "node:assert/strict";
import { unboundedScans } from "../../bench/query_plans.ts";

Deno.test("unboundedScans() accepts what reads a range of one series", () => {
  const text = `Limit (actual rows=500 loops=1)
  ->  Index Scan Backward using candles_pkey on candles c  (actual rows=500 loops=1)
        Index Cond: ((instrument_id = $1) AND ((candle_interval)::text = '1h'::text))
  ->  Bitmap Heap Scan on rollups  (actual rows=365 loops=10)
        Recheck Cond: ((instrument_id = ANY ($1)) AND ((candle_interval)::text = $2))
        ->  Bitmap Index Scan on rollups_pkey  (actual rows=365 loops=10)
              Index Cond: ((instrument_id = ANY ($1)) AND ((candle_interval)::text = $2))
  ->  Seq Scan on instruments i  (actual rows=50 loops=1)
  ->  CTE Scan on candles  (actual rows=500 loops=1)
  ->  Seq Scan on candle_revisions r  (actual rows=0 loops=1)`;
  assert.deepEqual(unboundedScans([{ text }]), []);
});

Deno.test("unboundedScans() names what reads the candles of every instrument or interval", () => {
  const text = `Append (actual rows=500 loops=1)
  ->  Parallel Seq Scan on candles c  (actual rows=500 loops=1)
        Filter: ((instrument_id = $1) AND ((candle_interval)::text = '1h'::text))
  ->  Index Scan using rollups_pkey on rollups  (actual rows=500 loops=1)
        Filter: ((instrument_id = $1) AND ((candle_interval)::text = '1h'::text))
  ->  Index Only Scan using candles_pkey on candles  (actual rows=500 loops=1)
        Index Cond: (instrument_id = $1)`;
  assert.deepEqual(unboundedScans([{ text }]), [
    "->  Parallel Seq Scan on candles c  (actual rows=500 loops=1)",
    "->  Index Scan using rollups_pkey on rollups  (actual rows=500 loops=1)",
    "->  Index Only Scan using candles_pkey on candles  (actual rows=500 loops=1)",
  ]);
});
