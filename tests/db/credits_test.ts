import assert from "node:assert/strict";
import {
  addToDays,
  answerMinuteWindow,
  deleteMinuteWindow,
  insertMinuteWindow,
  isFreshRunUnderWay,
  listCreditWindows,
  pruneMinuteWindows,
  raiseDay,
  storeToldPerMinute,
} from "../../db/credits.ts";
import { finishRun, type RunTrigger, startRun } from "../../db/runs.ts";
import { forEachDatabase } from "../support/databases.ts";

const NOON = new Date("2026-11-22T12:00:00Z");
const TODAY = new Date("2026-11-22T00:00:00Z");
const TOMORROW = new Date("2026-11-23T00:00:00Z");
const after = (ms: number) => new Date(NOON.getTime() + ms);

forEachDatabase(
  "credit windows come back as they were stored, those of another source do not",
  async (
    { sql },
  ) => {
    const first = { credits: 8, startedAt: NOON, answeredAt: null };
    const id = await insertMinuteWindow(sql, "twelve_data", first);
    await insertMinuteWindow(sql, "twelve_data", first);
    await insertMinuteWindow(sql, "simulator", first);
    await answerMinuteWindow(sql, id, after(250));
    await addToDays(sql, "twelve_data", [TODAY, TOMORROW], 8);
    await addToDays(sql, "twelve_data", [TOMORROW], -8);
    await addToDays(sql, "twelve_data", [TODAY], 3);
    await storeToldPerMinute(sql, "twelve_data", TODAY, 55);
    const { minutes, days } = await listCreditWindows(sql, "twelve_data", TODAY);
    const plain = (rows: readonly object[]) =>
      rows.map((row) => {
        const { kind: _, ...rest } = row as Record<string, unknown>;
        return rest;
      });
    assert.deepEqual(plain(minutes), [
      { ...first, answeredAt: after(250), toldPerMinute: null },
      { ...first, toldPerMinute: null },
    ]);
    assert.deepEqual(plain(days), [
      { startedAt: TODAY, answeredAt: null, credits: 11, toldPerMinute: 55 },
      { startedAt: TOMORROW, answeredAt: null, credits: 0, toldPerMinute: null },
    ]);
    const later = await listCreditWindows(sql, "twelve_data", TOMORROW);
    assert.equal(later.days.length, 1);
  },
);

forEachDatabase("deleteMinuteWindow() removes that window only", async ({ sql }) => {
  const insert = (credits: number) =>
    insertMinuteWindow(sql, "twelve_data", { credits, startedAt: NOON, answeredAt: null });
  const id = await insert(1);
  await insert(2);
  await deleteMinuteWindow(sql, id);
  const { minutes } = await listCreditWindows(sql, "twelve_data", TODAY);
  assert.deepEqual(minutes.map(({ credits }) => credits), [2]);
});

forEachDatabase("raiseDay() marks a day as used up and never lowers it", async ({ sql }) => {
  await raiseDay(sql, "twelve_data", TODAY, 800);
  await addToDays(sql, "twelve_data", [TODAY], 1);
  await raiseDay(sql, "twelve_data", TODAY, 800);
  const { days } = await listCreditWindows(sql, "twelve_data", TODAY);
  assert.deepEqual(days.map(({ credits }) => credits), [801]);
});

forEachDatabase(
  "pruneMinuteWindows() leaves the days, and what is neither old nor of the future",
  async (
    { sql },
  ) => {
    const insert = (credits: number, startedMs: number, answeredMs: number | null) =>
      insertMinuteWindow(sql, "twelve_data", {
        credits,
        startedAt: after(startedMs),
        answeredAt: answeredMs === null ? null : after(answeredMs),
      });
    await insert(1, -300_000, -100_000);
    await insert(2, -300_000, -90_000);
    await insert(3, -130_000, null);
    await insert(4, -110_000, null);
    await insert(5, 70_000, null);
    await addToDays(sql, "twelve_data", [new Date("2025-01-01T00:00:00Z")], 9);
    await pruneMinuteWindows(sql, "twelve_data", {
      answeredBefore: after(-91_000),
      startedBefore: after(-121_000),
      startedAfter: after(60_000),
    });
    const { minutes, days } = await listCreditWindows(sql, "twelve_data", new Date(0));
    assert.deepEqual(minutes.map(({ credits }) => credits), [2, 4]);
    assert.deepEqual(days.map(({ credits }) => credits), [9]);
  },
);

forEachDatabase(
  "isFreshRunUnderWay() sees another's running run for what is new, and nothing else",
  async (
    { sql },
  ) => {
    const since = after(-3_600_000);
    const isUnderWay = (ownRunId: number | null = null) =>
      isFreshRunUnderWay(sql, { source: "twelve_data", since, ownRunId });
    const start = (trigger: RunTrigger, startedAt: Date) =>
      startRun(sql, { source: "twelve_data", trigger, startedAt });
    assert.equal(await isUnderWay(), false);
    await start("cron", after(-3_700_000));
    assert.equal(await isUnderWay(), false, "that one lost its process");
    await start("backfill", NOON);
    assert.equal(await isUnderWay(), false);
    const id = await start("cron", NOON);
    assert.equal(await isUnderWay(), true);
    assert.equal(await isUnderWay(id), false);
    assert.equal(
      await isFreshRunUnderWay(sql, { source: "simulator", since, ownRunId: null }),
      false,
    );
    await finishRun(sql, id, { status: "ok", finishedAt: NOON, durationMs: 0, error: null });
    assert.equal(await isUnderWay(), false);
  },
);
