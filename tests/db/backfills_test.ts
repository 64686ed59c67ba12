import assert from "node:assert/strict";
import {
  advanceBackfill,
  listUnfinishedBackfills,
  requestBackfill,
  restartBackfill,
} from "../../db/backfills.ts";
import { inTransaction } from "../../db/transaction.ts";
import { forEachDatabase } from "../support/databases.ts";
import { storeInstrument } from "../support/market.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const year = (year: number) => new Date(Date.UTC(year, 0, 1));

forEachDatabase("A backfill is asked for once and goes on where it was", async ({ sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const window = {
    instrumentId,
    candleInterval: "1h",
    from: year(2020),
    to: year(2026),
    isOpenEnded: false,
  } as const;
  const asked = await requestBackfill(sql, window, NOW);
  assert.deepEqual(asked.reachedAt, year(2026));
  await inTransaction(
    sql,
    (tx) =>
      advanceBackfill(tx, asked.id, { reachedAt: year(2023), finishedAt: null, emptySince: null }),
  );
  const again = await requestBackfill(sql, window, NOW);
  assert.deepEqual([again.id, again.reachedAt], [asked.id, year(2023)]);
  assert.deepEqual((await listUnfinishedBackfills(sql, "simulator")).map(({ id }) => id), [
    asked.id,
  ]);
  assert.deepEqual([...await listUnfinishedBackfills(sql, "twelve_data")], [], "another source");
  await advanceBackfill(sql, asked.id, {
    reachedAt: year(2020),
    finishedAt: NOW,
    emptySince: null,
  });
  assert.deepEqual([...await listUnfinishedBackfills(sql, "simulator")], []);
  assert.deepEqual((await restartBackfill(sql, again)).reachedAt, year(2026));
  assert.equal((await listUnfinishedBackfills(sql, "simulator")).length, 1);
});

forEachDatabase(
  "An open-ended backfill is the unfinished one from the same instant, or the finished one that holds it",
  async ({ sql }) => {
    const { id: instrumentId } = await storeInstrument(sql);
    const request = (from: Date, to: Date) =>
      requestBackfill(
        sql,
        { instrumentId, candleInterval: "1h", from, to, isOpenEnded: true },
        NOW,
      );
    const first = await request(year(2020), year(2026));
    assert.equal(
      (await request(year(2020), year(2025))).id,
      first.id,
      "the series begins earlier now",
    );
    await advanceBackfill(sql, first.id, {
      reachedAt: year(2020),
      finishedAt: NOW,
      emptySince: null,
    });
    const held = await request(year(2021), year(2021));
    assert.deepEqual([held.id, held.finishedAt], [first.id, NOW]);
    assert.notEqual(
      (await request(year(2010), year(2020))).id,
      first.id,
      "older than what is loaded",
    );
  },
);
