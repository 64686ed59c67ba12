/** The pipeline's page beside the database: every figure, every state, and what is next. */
import assert from "node:assert/strict";
import { requestBackfill } from "../../db/backfills.ts";
import { listCreditDays } from "../../db/credit_days.ts";
import { recordEmptyGap } from "../../db/gaps.ts";
import { recordRefusal } from "../../db/refusals.ts";
import { finishRun, listRuns, listRunSteps, recordStep, startRun } from "../../db/runs.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { forEachDatabase } from "../support/databases.ts";
import { cellsOf, islandProps, sectionOf, textOf } from "../support/html.ts";
import { AAPL, candle, storeCandles, storeInstrument } from "../support/market.ts";
import { SCHEDULE, storePast } from "../support/pipeline.ts";
import { STEP, storeRun } from "../support/runs.ts";
import { fillDatabase, NOW, openSite } from "../support/site.ts";

const MONTH_AGO = new Date("2026-10-21T18:20:00Z");
const PLAN = { perMinute: 8, perDay: 800 };

/** Hourly candles that opened at these hours of 2026-11-20. */
function hours(...wanted: number[]) {
  return wanted.map((hour) => candle(`2026-11-20T${String(hour).padStart(2, "0")}:00:00Z`, "1"));
}

forEachDatabase(
  "The pipeline shows the database's figures in its HTML and its charts",
  async ({ database, sql }) => {
    await fillDatabase(database);
    await storePast(sql);
    const site = await openSite({ sql, schedule: SCHEDULE, creditPlan: PLAN });
    const html = await (await site("/pipeline")).text();
    const text = textOf(html);

    const runs = await listRuns(sql, "simulator", 40);
    const [durations, credits, slowest] = islandProps(html, "BarChart");
    const byOutcome = durations!.series as { name: string; values: number[] }[];
    assert.deepEqual(
      byOutcome.map(({ name, values }) => [name, values.filter((value) => value > 0)]),
      [["complete", ["ok"]], ["partly failed", ["partial"]], ["failed", ["failed"]]].map(
        ([name, statuses]) => [
          name,
          runs.filter(({ status, durationMs }) => statuses!.includes(status) && durationMs! > 0)
            .map(({ durationMs }) => durationMs! / 1000).toReversed(),
        ],
      ),
    );
    assert.deepEqual(
      (durations!.labels as string[]).map((label) => Number(label.split("#")[1])),
      runs.map(({ id }) => id).toReversed(),
    );
    assert.equal(cellsOf(sectionOf(html, "runs")).length, runs.length, "a row a run");

    const steps = await listRunSteps(sql, runs[0]!.id);
    const seconds = steps.map(({ durationMs }) => durationMs / 1000).sort((a, b) => b - a);
    assert.deepEqual(slowest!.series, [{ name: "Duration", values: seconds.slice(0, 12) }]);
    const sum = steps.reduce((total, step) => total + step.credits, 0);
    assert.match(text, new RegExp(`The 12 slowest of 16 first, .* and ${sum} credits`));

    const days = await listCreditDays(sql, "simulator", new Date("2026-10-22"), NOW);
    assert.equal(days.length, 30);
    assert.deepEqual(credits!.series, [
      { name: "Credits", values: days.map(({ planCredits }) => planCredits ?? 0) },
    ]);
    assert.deepEqual(
      cellsOf(sectionOf(html, "credit-days")).toReversed(),
      days.map(({ dayOn, planCredits, runCredits, runCount }) => [
        dayOn,
        `${runCount}`,
        `${runCredits}`,
        `${planCredits ?? "–"}`,
      ]),
    );
    assert.match(text, /the plan grants 800 a day; the busiest took 45 % of it/);

    const health = await sql`
      select symbol, state, have_candles, expected_candles, missing_candles,
        trunc(percent::numeric, 2) as percent
      from market.series_health('simulator', ${NOW}, ${MONTH_AGO})
      order by percent, symbol, market.interval_duration(candle_interval)`;
    const shown = cellsOf(sectionOf(html, "series"));
    assert.equal(shown.length, 16);
    assert.deepEqual(
      shown.map((cells) => [cells[0]!.split(" ")[0], cells[1], ...cells.slice(4)]),
      health.map((row) => [
        row.symbol,
        row.state.replace("_", " "),
        `${Number(row.percent) === 100 ? "100" : row.percent} %`,
        ...[row.haveCandles, row.expectedCandles, row.missingCandles].map(String),
      ]),
    );
    const [whole] = await sql`
      select sum(have_candles) as have, sum(expected_candles) as expected
      from market.find_completeness('simulator', ${MONTH_AGO}, ${NOW})`;
    const share = Math.floor(10_000 * Number(whole!.have) / Number(whole!.expected)) / 100;
    assert.match(text, new RegExp(`Completeness, last 30 days ${share} % 4 candles missing`));
    assert.match(text, /Series as new as can be 16 of 16 none is stale/);
    assert.match(text, /Last run < 1 min ago complete #31, took 1\.7 s, 16 of 16 steps/);

    assert.match(text, /Gaps 4 candles missing in 2 gaps of the last 30 days/);
    assert.deepEqual(cellsOf(sectionOf(html, "gaps")), [
      ["BTC/USD 1 hour", "2026-11-19 03:00", "2026-11-19 05:00", "3", "to be repaired"],
      [
        "BTC/USD 1 hour",
        "2026-11-12 10:00",
        "2026-11-12 10:00",
        "1",
        "provider has none answered empty 2 h ago",
      ],
    ]);
    assert.match(
      text,
      /Each run asks for those of the last 8 days by itself, only deno task etl gaps --repair for older ones\./,
    );
    assert.match(
      textOf(sectionOf(html, "rejects")),
      /2 not accepted, 2 of them met in the last 7 days BTC\/USD 1 hour close must be a number/,
    );

    const all = await (await site("/pipeline?completeness=all")).text();
    const [everything] = await sql`
      select sum(have_candles) as have from market.find_completeness('simulator', null, null)`;
    const stored = cellsOf(sectionOf(all, "series"))
      .reduce((total, cells) => total + Number(cells[5]!.replaceAll(",", "")), 0);
    assert.equal(stored, Number(everything!.have));
    assert.match(textOf(all), /Completeness, whole history/);
    assert.match(all, /href="\/pipeline\?run=31&amp;completeness=all#steps"/, "the state is kept");
  },
);

forEachDatabase("The pipeline says what runs next, by the clock that it is given", async (
  { sql },
) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const window = { from: new Date("2026-01-01"), to: new Date("2026-02-01") };
  await requestBackfill(
    sql,
    { instrumentId, candleInterval: "1h", isOpenEnded: false, ...window },
    NOW,
  );
  const next = async (schedule: typeof SCHEDULE | null) => {
    const html = await (await (await openSite({ sql, schedule }))("/pipeline")).text();
    return { tile: textOf(html), section: textOf(sectionOf(html, "schedule")) };
  };
  const hourly = await next(SCHEDULE);
  assert.match(hourly.tile, /Next run in 42 min 2026-11-20 19:02 UTC/);
  assert.match(
    hourly.section,
    /At 2 minutes past the hour, UTC, while the site runs \( ETL_CRON is 2 \* \* \* \* \)/,
  );
  assert.match(
    hourly.section,
    /2026-11-20 19:02 UTC in 42 min 2026-11-20 20:02 UTC in 1 h 42 min 2026-11-20 21:02 UTC in 2 h 42 min/,
  );
  assert.match(hourly.section, /then goes on with 1 unfinished backfill: about 1 request left/);
  const never = await next({ ...SCHEDULE, next: () => [] });
  assert.match(never.tile, /Next run – nothing starts one/);
  assert.match(never.section, /names no date that is still to come/);
  assert.match((await next(null)).section, /Nothing starts a run by itself here/);
});

forEachDatabase(
  "The pipeline tells each state of a series in a word, what is overdue first",
  async (
    { sql },
  ) => {
    await syncTradingDays(sql, NOW);
    const bitcoin = await storeInstrument(sql);
    await storeCandles(sql, bitcoin.id, "1h", hours(15, 16, 17));
    const apple = await storeInstrument(sql, AAPL);
    await storeCandles(sql, apple.id, "1day", [candle("2026-01-05T00:00:00Z", "1")]);
    const reliance = { ...AAPL, symbol: "RELIANCE", exchangeTimezone: "Asia/Kolkata" };
    const { id: indian } = await storeInstrument(sql, reliance);
    await storeCandles(sql, indian, "1h", hours(4, 5));
    const ether = await storeInstrument(sql, { symbol: "ETH/USD" });
    await storeCandles(sql, ether.id, "1h", [
      candle("2026-11-20T18:00:00Z", "1", { isFinal: false }),
    ]);
    await recordRefusal(sql, "simulator", {
      symbol: "AAPL",
      candleInterval: "1day",
      reason: "symbol_plan",
      message: "not in the plan",
      plan: "Grow",
      refusedAt: NOW,
      askAgainAt: null,
    });
    const site = await openSite({ sql });
    const html = await (await site("/pipeline")).text();
    assert.deepEqual(
      cellsOf(sectionOf(html, "series")).map((
        [series, state, newest, due, complete],
      ) => [series, state, newest!.slice(0, 16).trim(), due!.split(" ").at(-1), complete]),
      [
        [
          "AAPL 1 day",
          "stale refused, see above",
          "2026-01-05 ended",
          "ago",
          "no candle in this window",
        ],
        ["ETH/USD 1 hour", "empty", "–", "–", "no candle in this window"],
        ["RELIANCE 1 hour", "unknown", "2026-11-20 05:00", "–", "no calendar is known"],
        ["BTC/USD 1 hour", "fresh", "2026-11-20 17:00", "min", "100 %"],
      ],
    );
    assert.match(textOf(html), /Series as new as can be 1 of 4 1 stale/);

    const weekend = await openSite({ sql, now: () => new Date("2026-01-06T12:00:00Z") });
    const closed = cellsOf(sectionOf(await (await weekend("/pipeline")).text(), "series"));
    assert.ok(
      closed.some(([series, state]) => series === "AAPL 1 day" && /market closed/.test(state!)),
    );
  },
);

forEachDatabase("Of many gaps the pipeline lists the newest, and counts all", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const odd = Array.from({ length: 14 }, (_, n) => 2 * n);
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 19, hour)).toISOString();
  await storeCandles(sql, id, "1h", odd.map((hour) => candle(at(hour), "1")));
  const html = await (await (await openSite({ sql }))("/pipeline")).text();
  const gaps = sectionOf(html, "gaps");
  assert.match(textOf(gaps), /13 candles missing in 13 gaps of the last 30 days · the newest 10/);
  const begins = cellsOf(gaps).map(([, from]) => from);
  assert.deepEqual(begins.length, 10);
  assert.deepEqual([begins[0], begins[9]], ["2026-11-20 01:00", "2026-11-19 07:00"]);
});

forEachDatabase("An empty gap says when a run asks again, unless it is too old by then", async (
  { sql },
) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const at = (hour: number) => `2026-11-13T${hour}:00:00Z`;
  const stored = [13, 15, 17, 19].map((hour) => candle(at(hour), "1"));
  await storeCandles(sql, instrumentId, "1h", stored);
  for (const missing of [14, 16, 18]) {
    const openedAt = new Date(at(missing));
    const gap = {
      instrumentId,
      candleInterval: "1h" as const,
      openedFrom: openedAt,
      openedTo: openedAt,
    };
    await recordEmptyGap(sql, gap, new Date("2026-11-20T16:20:00Z"));
  }
  const html = await (await (await openSite({ sql }))("/pipeline")).text();
  const gaps = sectionOf(html, "gaps");
  // The next time, a day after the answer, a run looks back to 16:20 of the 13th.
  assert.deepEqual(cellsOf(gaps).map(([, from, , , fate]) => [from, fate]), [
    [
      "2026-11-13 18:00",
      "provider has none answered empty 2 h ago , asked again after 2026-11-21 16:20",
    ],
    ["2026-11-13 16:00", "provider has none answered empty 2 h ago"],
    ["2026-11-13 14:00", "provider has none answered empty 2 h ago"],
  ]);
  assert.match(textOf(gaps), /The provider had none of them when it was asked\./);
});

forEachDatabase("On an empty database each section says what it waits for", async ({ sql }) => {
  const site = await openSite({ sql, schedule: SCHEDULE, creditPlan: PLAN });
  const response = await site("/pipeline");
  assert.equal(response.status, 200);
  const html = await response.text();
  const text = textOf(html);
  for (
    const said of [
      /Candles : nothing is loaded yet deno task etl/,
      /Last run – none yet/,
      /Next run in 42 min/,
      /Series as new as can be – none is loaded/,
      /Completeness, last 30 days – nothing to count against/,
      /No run yet The first run starts with the site: reload this page in a moment\./,
      /No series is loaded yet. deno task etl loads the watchlist/,
      /Gaps Told once candles are stored/,
      /Rejected rows No row of the provider was rejected/,
      /What runs next At 2 minutes past the hour/,
    ]
  ) assert.match(text, said);
  assert.deepEqual(islandProps(html, "BarChart"), []);
});

forEachDatabase(
  "A run under way is told without scripts, with about as many steps as the last one had",
  async ({ sql }) => {
    await storeRun(sql, {
      startedAt: new Date("2026-11-20T17:02:00Z"),
      durationMs: 3000,
      steps: Array.from({ length: 16 }, () => ({})),
    });
    const startedAt = new Date("2026-11-20T18:18:25Z");
    const id = await startRun(sql, { source: "simulator", trigger: "cron", startedAt });
    await recordStep(sql, id, { ...STEP, candlesInserted: 1200, candlesUpdated: 34, credits: 2 });
    await recordStep(sql, id, { ...STEP, symbol: "AAPL", status: "failed", error: "503" });
    const site = await openSite({ sql });
    const html = await (await site("/pipeline")).text();
    const [, bar] = /<section[^>]* class="card run-bar"[^>]*>(.*?)<\/section>/s.exec(html) ?? [];
    assert.match(
      textOf(bar!),
      /running Run #2, by schedule for 1 min 35 s 2 of about 16 steps done , 1 failed 1,235 candles stored 3 credits last AAPL 1h/,
    );
    assert.match(textOf(html), /As of 2026-11-20 18:20 , times in UTC Reload/);
    assert.match(textOf(html), /Steps of run #2 /);
    await finishRun(sql, id, { status: "ok", finishedAt: NOW, durationMs: 1, error: null });
    assert.doesNotMatch(await (await site("/pipeline")).text(), /class="card run-bar"/);
  },
);

forEachDatabase("The pipeline refuses a window that it does not know", async ({ sql }) => {
  const response = await (await openSite({ sql }))("/pipeline?completeness=1y");
  assert.equal(response.status, 400);
  assert.match(await response.text(), /completeness must be 30d or all/);
});
