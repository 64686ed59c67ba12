import assert from "node:assert/strict";
import { getFigures } from "../../db/analytics.ts";
import { listCandles } from "../../db/candles.ts";
import type { Database } from "../../db/connect.ts";
import { getInstrumentBySymbol, listInstruments } from "../../db/instruments.ts";
import { listOverview } from "../../db/overview.ts";
import { listRuns, listRunSteps } from "../../db/runs.ts";
import { clearRefusals, listRefusals } from "../../db/refusals.ts";
import { createCredits } from "../../etl/credits.ts";
import type { Provider } from "../../etl/provider.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import type { RunDependencies, RunReport } from "../../etl/record.ts";
import { runEtl, type RunInput } from "../../etl/run.ts";
import { readReplay } from "../../simulator/replay.ts";
import { createSimulator, type SimulatorOptions } from "../../simulator/simulator.ts";
import { forEachDatabase } from "../support/databases.ts";
import { stepsOf, sumOf, withSimulator } from "../support/etl.ts";

const FIXTURES = `${import.meta.dirname}/../fixtures/candles`;
const REPLAY_FILE = `${FIXTURES}/twelvedata_15min_2025-02-03.csv`;
const HOURLY_WITH_NOPE: RunInput = {
  trigger: "manual",
  symbols: ["NOPE", "AAPL"],
  intervals: ["1h"],
};
const HOURLY: RunInput = { trigger: "manual", symbols: ["AAPL", "BTC/USD"], intervals: ["1h"] };

/** Calls `fn` with runs against a simulator that is told `options`. */
async function withRuns(
  database: Database,
  options: SimulatorOptions,
  fn: (
    run: (input: RunInput, deps?: Partial<RunDependencies>) => Promise<RunReport>,
  ) => Promise<void>,
): Promise<void> {
  await withSimulator(
    database,
    options,
    (deps) => fn((input, more) => runEtl({ ...deps, ...more }, input)),
  );
}

/** Everything that a run may change in the data, with the physical row versions. */
async function snapshot({ sql }: Database) {
  return await Promise.all([
    sql`select *, xmin::text, ctid::text from market.candles order by 1, 2, 3`,
    sql`select *, xmin::text, ctid::text from market.watermarks order by 1, 2`,
    sql`select *, xmin::text, ctid::text from market.instruments order by id`,
    sql`select * from market.candle_revisions`,
    sql`select * from market.rejects`,
  ]);
}

async function replayInput() {
  const text = await Deno.readTextFile(REPLAY_FILE);
  const rows = text.trim().split("\n").slice(1).map((line) => line.split(","));
  const symbols = [...new Set(rows.map((row) => row[6]!))];
  const input: RunInput = { trigger: "manual", symbols, intervals: ["15min"] };
  return { rows, input };
}

forEachDatabase(
  "A replayed file arrives whole: 210 candles, every price equal as a decimal",
  async ({ database, sql }) => {
    const { rows, input } = await replayInput();
    const now = () => new Date("2025-02-03T17:20:00Z");
    const market = await readReplay(FIXTURES);
    await withRuns(database, { now, market }, async (run) => {
      const report = await run(input);
      assert.equal(report.status, "ok");
      assert.equal(sumOf(report, "candlesInserted"), 210);
      const [{ count }] = await sql<[{ count: number }]>`select count(*) from market.candles`;
      assert.equal(count, 210);
      for (const [datetime, open, high, low, close, volume, symbol] of rows) {
        const zone = symbol!.includes("/") ? "UTC" : "America/New_York";
        const [stored] = await sql`
        select
          (open, high, low, close) = (${open!}::numeric, ${high!}::numeric, ${low!}::numeric, ${close!}::numeric)
            as is_equal,
          open::text || high::text || low::text || close::text as digits,
          volume
        from market.candles c join market.instruments i on i.id = c.instrument_id
        where i.symbol = ${symbol!} and candle_interval = '15min'
          and opened_at = ${datetime!}::timestamp at time zone ${zone}`;
        assert.deepEqual({ ...stored }, {
          isEqual: true,
          digits: open! + high! + low! + close!,
          volume: volume === "" ? null : volume,
        }, `${symbol} ${datetime}`);
      }
      const opened = async (symbol: string, close: string) => {
        const instrument = await getInstrumentBySymbol(sql, "simulator", symbol);
        const candles = await listCandles(sql, instrument!.id, "15min", { limit: 100 });
        return candles.find((candle) => candle.close === close)?.openedAt;
      };
      const at = (datetime: string, symbol: string) =>
        rows.find((row) => row[0] === datetime && row[6] === symbol)![4]!;
      assert.deepEqual(
        await opened("AAPL", at("2025-02-03 12:15:00", "AAPL")),
        await opened("BTC/USD", at("2025-02-03 17:15:00", "BTC/USD")),
        "12:15 in New York and 17:15 UTC are the same instant",
      );
      const forming = await sql`select distinct opened_at from market.candles where not is_final`;
      assert.deepEqual([...forming], [{ openedAt: new Date("2025-02-03T17:15:00Z") }]);
    });
  },
);

forEachDatabase(
  "The same run again inserts nothing, revises nothing and writes no row",
  async ({ database }) => {
    const { input } = await replayInput();
    const now = () => new Date("2025-02-03T17:20:00Z");
    const market = await readReplay(FIXTURES);
    await withRuns(database, { now, market }, async (run) => {
      await run(input);
      const before = await snapshot(database);
      const again = await run(input);
      assert.equal(again.status, "ok");
      assert.ok(
        stepsOf(again).every((step) => step.candlesFetched >= 2),
        "two final ones are re-read",
      );
      assert.equal(sumOf(again, "candlesInserted") + sumOf(again, "candlesUpdated"), 0);
      assert.equal(sumOf(again, "candlesRevised"), 0);
      assert.deepEqual(await snapshot(database), before);
    });
  },
);

forEachDatabase(
  "A forming candle is stored as forming and corrected by a later run",
  async ({ database, sql }) => {
    let time = new Date("2026-11-20T18:20:00Z");
    await withRuns(database, { now: () => time }, async (run) => {
      await run(HOURLY);
      const { id } = (await getInstrumentBySymbol(sql, "simulator", "BTC/USD"))!;
      const newest = async () => (await listCandles(sql, id, "1h", { limit: 2 }));
      const forming = (await newest())[1]!;
      assert.equal(forming.isFinal, false);
      assert.deepEqual(forming.openedAt, new Date("2026-11-20T18:00:00Z"));
      time = new Date("2026-11-20T19:05:00Z");
      const report = await run(HOURLY);
      assert.equal(sumOf(report, "candlesRevised"), 0, "forming ones are no restatements");
      assert.equal(sumOf(report, "candlesUpdated"), 2);
      const corrected = (await newest())[0]!;
      assert.equal(corrected.isFinal, true);
      assert.equal(corrected.open, forming.open);
      assert.notEqual(corrected.close, forming.close);
    });
  },
);

forEachDatabase("A run after a long pause leaves no hole", async ({ database, sql }) => {
  let time = new Date("2026-11-01T00:10:00Z");
  const input: RunInput = { trigger: "manual", symbols: ["BTC/USD"], intervals: ["5min"] };
  await withRuns(database, { now: () => time }, async (run) => {
    await run(input);
    time = new Date("2026-11-20T18:20:00Z");
    const report = await run(input);
    assert.equal(
      stepsOf(report)[0]?.credits,
      3,
      "5474 candles are two pages, after one that was full",
    );
    const [{ holes }] = await sql<[{ holes: number }]>`
      select count(*) as holes from (
        select opened_at - lag(opened_at) over (order by opened_at) as distance from market.candles
      ) pairs where distance <> interval '5 minutes'`;
    assert.equal(holes, 0);
  });
});

forEachDatabase(
  "A long pause of a market that closes, or of a series that ended, costs one credit",
  async ({ database }) => {
    const { input } = await replayInput();
    let time = new Date("2025-02-03T17:20:00Z");
    const market = await readReplay(FIXTURES);
    await withRuns(database, { now: () => time, market }, async (run) => {
      await run(input);
      time = new Date("2026-11-20T18:20:00Z");
      const report = await run(input);
      assert.deepEqual(stepsOf(report).map((step) => step.credits), Array(7).fill(1));
      assert.equal(sumOf(report, "candlesUpdated"), 7, "what was forming is final now");
    });
  },
);

forEachDatabase(
  "A final candle that the provider restates is kept as a revision",
  async ({ database, sql }) => {
    await withRuns(database, { seed: 1 }, async (run) => void await run(HOURLY));
    await withRuns(database, { seed: 2 }, async (run) => {
      const report = await run(HOURLY);
      assert.equal(sumOf(report, "candlesRevised"), 4, "the last two final ones of each");
      const revisions = await sql`select run_id, replaced_by_run_id from market.candle_revisions`;
      assert.deepEqual(
        [...revisions],
        Array(4).fill({ runId: 1, replacedByRunId: 2 }),
      );
    });
  },
);

forEachDatabase("One symbol that fails does not stop the others", async ({ database, sql }) => {
  await withRuns(database, {}, async (run) => {
    const report = await run(HOURLY_WITH_NOPE);
    assert.equal(report.status, "partial");
    const runs = await listRuns(sql, "simulator", 1);
    assert.deepEqual([runs[0]?.status, runs[0]?.stepsOk, runs[0]?.stepsFailed], ["partial", 1, 1]);
    const steps = await listRunSteps(sql, runs[0]!.id);
    assert.deepEqual(steps.map((step) => [step.symbol, step.status]), [
      ["NOPE", "failed"],
      ["AAPL", "ok"],
    ]);
    assert.match(steps[0]?.error ?? "", /NOPE/);
    const again = await run(HOURLY_WITH_NOPE);
    assert.deepEqual(
      stepsOf(again).map((step) => [step.symbol, step.status, step.reason, step.credits]),
      [["NOPE", "skipped", "unknown_symbol", 0], ["AAPL", "ok", null, 1]],
      "it is not asked for again the same day",
    );
    assert.equal(again.status, "ok");
    const failed = await run({ ...HOURLY, symbols: ["NADA"], isOnlyThese: true });
    assert.equal(failed.status, "failed");
  });
});

forEachDatabase("A wrong key stops the run at the first answer", async ({ database, sql }) => {
  await withRuns(database, { apiKey: "the-right-key" }, async (run) => {
    const report = await run(HOURLY);
    assert.ok(report.status === "failed");
    assert.equal(report.steps.length, 0);
    assert.match(report.error?.message ?? "", /TWELVE_DATA_API_KEY/);
    const [latest] = await listRuns(sql, "simulator", 1);
    assert.equal(latest?.error, report.error?.message);
  });
});

forEachDatabase(
  "A second run says that another is under way and does nothing",
  async ({ database, sql }) => {
    const held = await database.tryLock("etl");
    assert.ok(held);
    await withRuns(database, {}, async (run) => {
      assert.deepEqual(await run(HOURLY), { status: "locked" });
      assert.deepEqual([...await listRuns(sql, "simulator", 5)], []);
      await held.release();
      assert.equal((await run(HOURLY)).status, "ok");
    });
  },
);

forEachDatabase(
  "A run that is stopped keeps what is loaded and says that it was interrupted",
  async ({ database, sql }) => {
    const stop = new AbortController();
    const input: RunInput = { ...HOURLY, intervals: ["1h", "1day"] };
    await withRuns(database, {}, async (run) => {
      const report = await run(input, {
        signal: stop.signal,
        onProgress: ({ done }) => done === 2 && stop.abort(),
      });
      assert.equal(report.status, "interrupted");
      const [latest] = await listRuns(sql, "simulator", 1);
      assert.deepEqual([latest?.status, latest?.stepsOk], ["interrupted", 2]);
      assert.equal((await run(input)).status, "ok", "the next one goes on");
    });
  },
);

forEachDatabase(
  "A database error ends the run as failed and is thrown",
  async ({ database, sql }) => {
    await sql`
    create function market.refuse() returns trigger language plpgsql
    as $$ begin raise exception 'the table is broken'; end $$`;
    await sql`create trigger refuse before insert on market.candles execute function market.refuse()`;
    await withRuns(database, {}, async (run) => {
      await assert.rejects(run(HOURLY), /the table is broken/);
      const [latest] = await listRuns(sql, "simulator", 1);
      assert.equal(latest?.status, "failed");
      assert.match(latest?.error ?? "", /the table is broken/);
      await sql`drop trigger refuse on market.candles`;
      assert.equal((await run(HOURLY)).status, "ok", "the lock was given back");
    });
  },
);

forEachDatabase(
  "Instruments get their names, and the site its figures",
  async ({ database, sql }) => {
    const now = new Date("2026-11-20T18:20:00Z");
    await withRuns(database, {}, async (run) => {
      await run({ ...HOURLY, intervals: ["1h", "1day"] });
      const names = (await listInstruments(sql, "simulator")).map((found) => found.name);
      assert.match(names[0] ?? "", /^Apple Inc/);
      assert.equal(names[1], "Bitcoin / US Dollar");
      for (const row of await listOverview(sql, "simulator", now)) {
        assert.ok(row.price !== null && row.change24hPercent !== null, row.symbol);
        assert.ok(row.change7dPercent !== null && row.change30dPercent !== null, row.symbol);
        assert.ok(row.sparkline.length > 20, row.symbol);
        const figures = await getFigures(sql, row.instrumentId, now);
        assert.ok(figures.high24h !== null && figures.high52w !== null, row.symbol);
      }
    });
  },
);

forEachDatabase(
  "A plan gate is told with the plan that it needs and not asked again before someone says so",
  async ({ database, sql }) => {
    const input: RunInput = { trigger: "cron", symbols: ["SPX", "AAPL"], intervals: ["1day"] };
    const gated = { gatedSymbols: { SPX: "Grow" } };
    await withRuns(database, gated, async (run) => {
      const first = stepsOf(await run(input));
      assert.deepEqual(first.map(({ symbol, reason }) => [symbol, reason]), [
        ["SPX", "symbol_plan"],
        ["AAPL", null],
      ]);
      const [refusal] = await listRefusals(sql, "simulator");
      assert.match(refusal?.plan ?? "", /Grow/);
      assert.equal(refusal?.askAgainAt, null);
      const again = await run(input);
      assert.equal(again.status, "ok");
      assert.deepEqual(
        stepsOf(again).map(({ symbol, status, credits }) => [symbol, status, credits]),
        [["SPX", "skipped", 0], ["AAPL", "ok", 1]],
      );
    });
    await clearRefusals(sql, "simulator", ["SPX"]);
    await withRuns(database, {}, async (run) => {
      const asked = stepsOf(await run(input));
      assert.deepEqual(asked.find(({ symbol }) => symbol === "SPX")?.status, "ok");
    });
  },
);

forEachDatabase(
  "No data is neither a failure nor a refusal",
  async ({ database, sql }) => {
    const empty = { faults: { empty: 1 } };
    await withRuns(database, empty, async (run) => {
      const report = await run({ ...HOURLY, symbols: ["AAPL"] });
      assert.equal(report.status, "ok");
      assert.deepEqual(stepsOf(report).map(({ status, reason }) => [status, reason]), [
        ["ok", "no_data"],
      ]);
      assert.deepEqual([...await listRefusals(sql, "simulator")], []);
    });
  },
);

forEachDatabase(
  "Symbols of one interval are asked for in one request, and one of them can fail alone",
  async ({ database }) => {
    await withSimulator(database, {}, async (deps) => {
      const batches: string[] = [];
      const provider: Provider = {
        ...deps.provider,
        fetchTimeSeriesBatch(symbols, request, options) {
          batches.push(`${symbols.join()} ${request.interval}`);
          return deps.provider.fetchTimeSeriesBatch(symbols, request, options);
        },
      };
      const input: RunInput = {
        trigger: "cron",
        symbols: ["AAPL", "NOPE", "BTC/USD"],
        intervals: ["1h", "1day"],
      };
      const report = await runEtl({ ...deps, provider }, input);
      assert.deepEqual(batches, ["AAPL,NOPE,BTC/USD 1h", "AAPL,NOPE,BTC/USD 1day"]);
      assert.equal(report.status, "partial");
      assert.deepEqual(
        stepsOf(report).map(({ symbol, status, credits }) => [symbol, status, credits]),
        Array(2).fill([["AAPL", "ok", 1], ["NOPE", "failed", 1], ["BTC/USD", "ok", 1]]).flat(),
      );
    });
  },
);

forEachDatabase(
  "Series whose market is closed cost no credit, and the report says so",
  async ({ database }) => {
    let time = new Date("2026-11-20T21:02:00Z");
    const input: RunInput = { ...HOURLY, intervals: ["1h", "1day"] };
    await withRuns(database, { now: () => time }, async (run) => {
      await run(input);
      time = new Date("2026-11-21T15:02:00Z");
      const saturday = await run(input);
      assert.ok(saturday.status === "ok");
      assert.deepEqual(saturday.steps.map(({ symbol }) => symbol), ["BTC/USD", "BTC/USD"]);
      assert.deepEqual(saturday.notes, ["Series with nothing new, as their markets are closed: 2"]);
    });
  },
);

forEachDatabase(
  "The day's credits gone: the run ends, says when it goes on, and does",
  async ({ database, sql }) => {
    let time = new Date("2026-11-20T20:20:00Z");
    const now = () => time;
    const input: RunInput = {
      trigger: "cron",
      symbols: ["AAPL", "BTC/USD", "ETH/USD"],
      intervals: ["1h"],
    };
    const limits = { perMinute: 8, perDay: 2 };
    await withSimulator(database, { now, credits: limits }, async (deps) => {
      const credits = createCredits({
        sql,
        source: "simulator",
        ...limits,
        now,
        wait: () => assert.fail("nothing is worth waiting for"),
      });
      const { fetch } = createSimulator({ now, credits: limits });
      let refused = 0;
      const provider = createTwelveDataClient({
        baseUrl: "http://simulator.test",
        source: "simulator",
        credits,
        fetch: async (request) => {
          const response = await fetch(request);
          if (response.status === 429) refused++;
          return response;
        },
      });
      const limited = { ...deps, provider, credits };
      const report = await runEtl(limited, input);
      assert.ok(report.status === "partial");
      assert.equal(report.steps.length, 2);
      assert.match(report.error?.message ?? "", /2026-11-21.*00:00/);
      const gone = await runEtl(limited, input);
      assert.equal(gone.status, "failed", "nothing could be loaded");
      assert.equal(refused, 0, "the governor knows before the provider says so");
      time = new Date("2026-11-21T00:02:00Z");
      const next = await runEtl(limited, {
        ...input,
        symbols: ["BTC/USD", "ETH/USD"],
        isOnlyThese: true,
      });
      assert.equal(next.status, "ok");
      assert.equal(stepsOf(next).length, 2);
    });
  },
);
