/** What the comparison page draws: as many points as a chart shows, with exact ends. */
import assert from "node:assert/strict";
import { listComparedLines, listRisk, listRollingCorrelation } from "../../db/comparison.ts";
import type { Sql } from "../../db/connect.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeCandles, storeCloses, storeInstrument } from "../support/market.ts";

const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2026, 0, 1);
const YEAR = { from: new Date("2026-01-01Z"), to: new Date("2027-01-01Z") };

const dateOf = (day: number) => new Date(BEGIN + day * DAY_MS).toISOString().slice(0, 10);

/** Closes of days from 1 January 2026 on, 0 being the first. */
async function storeDays(sql: Sql, symbol: string, closes: [day: number, close: number][]) {
  const { id } = await storeInstrument(sql, { symbol, slug: symbol });
  await storeCloses(
    sql,
    id,
    Object.fromEntries(closes.map(([day, close]) => [dateOf(day), String(close)])),
  );
  return id;
}

const days = (count: number) => Array.from({ length: count }, (_, day) => day);

async function listLines(sql: Sql, ids: number[], points: number | null) {
  const rows = await sql<{ instrumentId: number; openedAt: Date; value: number }[]>`
    select * from market.compared_lines(${ids}, '1day', ${YEAR.from}, ${YEAR.to}, ${points})
    order by instrument_id, opened_at`;
  return Map.groupBy(rows, ({ instrumentId }) => instrumentId);
}

forEachDatabase("compared_lines() keeps both ends and the last of each even stretch", async (
  { sql },
) => {
  const id = await storeDays(sql, "A", days(100).map((day) => [day, 100 + day]));
  for (const points of [2, 3, 7, 50, 99, 100, 250]) {
    const line = (await listLines(sql, [id], points)).get(id)!;
    assert.equal(line.length, Math.min(points, 100), `${points} points`);
    assert.equal(line[0]!.value, 100);
    assert.equal(line.at(-1)!.value, 199);
    const gaps = line.slice(1).map(({ value }, at) => Math.round(value - line[at]!.value));
    assert.ok(
      Math.max(...gaps) - Math.min(...gaps) <= 1,
      `${points} points at even steps: ${gaps}`,
    );
  }
  for (const points of [1, 0, -3]) {
    assert.equal((await listLines(sql, [id], points)).get(id)!.length, 2, `${points} points are 2`);
  }
  assert.equal((await listLines(sql, [id], null)).get(id)!.length, 100, "null leaves nothing out");
});

forEachDatabase("compared_lines() has the instants of all, with the values of rebased()", async (
  { sql },
) => {
  const daily = await storeDays(sql, "A", days(60).map((day) => [day, 50 + day]));
  const late = await storeDays(
    sql,
    "B",
    days(60).filter((day) => day >= 7 && day % 7 > 1).map((day) => [day, 10 + (day % 5)]),
  );
  const lines = await listLines(sql, [daily, late], 10);
  const instants = (id: number) => lines.get(id)!.map(({ openedAt }) => openedAt.getTime());
  assert.equal(instants(daily).length, 10);
  assert.deepEqual(instants(daily), instants(late));
  assert.equal(lines.get(daily)![0]!.openedAt.toISOString().slice(0, 10), dateOf(9));
  const rebased = await sql<{ instrumentId: number; openedAt: Date; value: number }[]>`
    select * from market.rebased(${[daily, late]}, '1day', ${YEAR.from}, ${YEAR.to})`;
  for (const [id, line] of lines) {
    for (const { openedAt, value } of line) {
      const exact = rebased.find((row) => row.instrumentId === id && +row.openedAt === +openedAt);
      assert.equal(value, exact?.value);
    }
  }
  const points = await listComparedLines(sql, [late, daily], YEAR, 10);
  assert.deepEqual(points.map(({ values }) => values[0]), lines.get(late)!.map((p) => p.value));
  assert.deepEqual(points.map(({ values }) => values[1]), lines.get(daily)!.map((p) => p.value));
  assert.deepEqual(await listLines(sql, [], 10), new Map());
});

forEachDatabase("common_window() is from the first to the last final candle that all have", async (
  { sql },
) => {
  const one = await storeDays(sql, "A", [[0, 0], [1, 5], [2, 6], [3, 7], [5, 9]]);
  const other = await storeDays(sql, "B", [[0, 1], [2, 3], [3, 4], [4, 5]]);
  const empty = await storeDays(sql, "C", []);
  await storeCandles(sql, other, "1day", [
    candle(`${dateOf(5)}T00:00:00Z`, "6", { isFinal: false }),
  ]);
  const window = async (ids: number[], from = YEAR.from, to = YEAR.to) => {
    const rows = await sql`select * from market.common_window(${ids}, '1day', ${from}, ${to})`;
    return rows.map(({ startedAt, endedAt }) => [startedAt, endedAt])
      .map((instants) => instants.map((at: Date) => at.toISOString().slice(0, 10)));
  };
  assert.deepEqual(await window([one, other, empty]), [[dateOf(2), dateOf(3)]]);
  assert.deepEqual(await window([one]), [[dateOf(1), dateOf(5)]], "not at a close of 0");
  const third = new Date(BEGIN + 3 * DAY_MS);
  assert.deepEqual(await window([one, other], third), [[dateOf(3), dateOf(3)]]);
  assert.deepEqual(await window([one, other], YEAR.from, third), [[dateOf(2), dateOf(2)]]);
  assert.deepEqual(await window([one, other], new Date(BEGIN + 4 * DAY_MS)), []);
  assert.deepEqual(await window([empty]), []);
});

forEachDatabase("rolling_correlation_points() is filled from the begin of its window", async (
  { sql },
) => {
  const wave = (day: number) => 100 + 9 * Math.sin(day) + (day * day) % 7;
  const one = await storeDays(sql, "A", days(200).map((day) => [day, wave(day)]));
  const other = await storeDays(sql, "B", days(200).map((day) => [day, wave(2 * day + 1)]));
  const from = new Date(BEGIN + 100 * DAY_MS);
  const question = { pair: [one, other] as const, from, to: YEAR.to, returns: 30 };
  const all = await listRollingCorrelation(sql, { ...question, points: 500 });
  assert.equal(all.length, 100);
  assert.equal(+all[0]!.openedAt, +from);
  const exact = await sql<{ openedAt: Date; correlation: number | null }[]>`
    select * from market.rolling_correlation(${one}, ${other}, '1day', null, ${YEAR.to}, 30)
    where opened_at >= ${from} order by opened_at`;
  for (const [at, { openedAt, correlation }] of exact.entries()) {
    assert.equal(+all[at]!.openedAt, +openedAt);
    assert.ok(Math.abs(all[at]!.correlation! - correlation!) < 1e-9);
  }
  const few = await listRollingCorrelation(sql, { ...question, points: 20 });
  assert.equal(few.length, 20);
  assert.deepEqual([few[0], few.at(-1)], [all[0], all.at(-1)]);
  const young = await listRollingCorrelation(sql, {
    ...question,
    from: new Date(BEGIN + 5 * DAY_MS),
    points: 500,
  });
  assert.equal(young[0]!.correlation, null, "before it there are too few");
  assert.equal(young.findIndex(({ correlation }) => correlation !== null), 25);
});

forEachDatabase("The table of risk counts from the first close in the window, all of it", async (
  { sql },
) => {
  const { id } = await storeInstrument(sql, AAPL);
  await storeCloses(sql, id, {
    "2025-12-31": "1",
    "2026-01-02": "100",
    "2026-01-05": "120",
    "2026-01-06": "90",
    "2026-01-07": "110",
    "2026-01-08": "105",
  });
  const [row] = await listRisk(sql, [id], YEAR);
  assert.equal(row?.firstOn, "2026-01-02");
  assert.equal(row.lastOn, "2026-01-08");
  assert.equal(row.observations, 4);
  assert.ok(Math.abs(row.returnPercent! - 5) < 1e-9, "the close of the year before does not count");
  assert.ok(Math.abs(row.deepestDrawdownPercent! + 25) < 1e-9);
  assert.deepEqual([row.drawdownPeakOn, row.drawdownTroughOn], ["2026-01-05", "2026-01-06"]);
  assert.equal(row.beta, 1);
  assert.equal((await listRisk(sql, [], YEAR)).length, 0);
});

forEachDatabase("text_likeness() is 1 for the same word, 0 without a pair in common", async (
  { sql },
) => {
  const likeness = async (one: string, other: string) => {
    const [row] = await sql<[{ likeness: number | null }]>`
      select market.text_likeness(${one}, ${other}) as likeness`;
    return row.likeness;
  };
  assert.equal(await likeness("AAPL", "aapl"), 1);
  assert.equal(await likeness("AAPL", "APPL"), 0.8);
  assert.equal(await likeness("APPL", "AAPL"), 0.8);
  assert.equal(await likeness("AAPL", "XYZ"), 0);
  assert.equal(await likeness("banana", "banana"), 1, "a pair that comes twice counts once");
  assert.equal(await likeness("", "A"), 0);
});
