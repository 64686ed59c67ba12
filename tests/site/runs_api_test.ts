/** The contract of `GET /api/v1/runs/latest`. */
import assert from "node:assert/strict";
import { finishRun, recordStep, startRun } from "../../db/runs.ts";
import { RunsState } from "../../islands/runs.ts";
import { forEachDatabase } from "../support/databases.ts";
import { STEP, storeRun } from "../support/runs.ts";
import { NOW, openSite } from "../support/site.ts";

forEachDatabase("/api/v1/runs/latest tells the newest run and those under way", async ({ sql }) => {
  const site = await openSite({ sql });
  const ask = async () => {
    const response = await site("/api/v1/runs/latest");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const body = await response.json();
    RunsState.parse(body);
    return body;
  };
  const asOf = NOW.toISOString();
  assert.deepEqual(await ask(), { source: "simulator", asOf, latest: null, running: [] });

  const hourAgo = new Date("2026-11-20T17:02:00Z");
  const first = await storeRun(sql, { startedAt: hourAgo, durationMs: 900, steps: [{}, {}, {}] });
  // A backfill goes on beside the run over the watchlist, and began before it.
  const backfillAt = new Date("2026-11-20T17:30:00Z");
  const backfill = await startRun(sql, {
    source: "simulator",
    trigger: "backfill",
    startedAt: backfillAt,
  });
  const startedAt = new Date("2026-11-20T18:02:00Z");
  const id = await startRun(sql, { source: "simulator", trigger: "cron", startedAt });
  await startRun(sql, { source: "import", trigger: "import", startedAt: NOW });
  await recordStep(sql, id, {
    ...STEP,
    candlesInserted: 3,
    candlesUpdated: 2,
    candlesRevised: 1,
    rowsRejected: 4,
    credits: 2,
  });
  const failed = { status: "failed", error: "503" } as const;
  await recordStep(sql, id, { ...STEP, symbol: "AAPL", candleInterval: "1day", ...failed });
  const run = {
    id,
    trigger: "cron",
    status: "running",
    startedAt: "2026-11-20T18:02:00.000Z",
    finishedAt: null,
    durationMs: null,
    steps: { ok: 1, failed: 1, skipped: 0, expected: 3 },
    candles: { inserted: 4, updated: 2, revised: 1 },
    rowsRejected: 4,
    credits: 3,
    error: null,
    lastStep: { symbol: "AAPL", interval: "1day", finishedAt: STEP.finishedAt.toISOString() },
  };
  const both = await ask();
  assert.deepEqual(both.latest, run);
  assert.deepEqual(both.running.map((each: { id: number }) => each.id), [id, backfill]);
  assert.deepEqual(both.running[0], run);
  assert.equal(both.running[1].steps.expected, null, "nothing tells how long a backfill is");
  assert.equal(both.running[1].lastStep, null);

  const finishedAt = new Date("2026-11-20T18:02:05Z");
  const error = "The day has no credits left";
  await finishRun(sql, id, { status: "partial", finishedAt, durationMs: 5000, error });
  const after = await ask();
  assert.deepEqual(after.latest, {
    ...run,
    status: "partial",
    finishedAt: finishedAt.toISOString(),
    durationMs: 5000,
    error,
  });
  assert.deepEqual(after.running.map((each: { id: number }) => each.id), [backfill]);
  assert.ok(first < id);
});

forEachDatabase("/api/v1/runs/latest takes no parameter", async ({ sql }) => {
  const response = await (await openSite({ sql }))("/api/v1/runs/latest?id=1");
  assert.equal(response.status, 400);
  assert.equal((await response.json()).error.code, "invalid_query");
});
