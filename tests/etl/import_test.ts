import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { listCandles } from "../../db/candles.ts";
import type { Database, Sql } from "../../db/connect.ts";
import { listRuns, listRunSteps } from "../../db/runs.ts";
import type { ImportInput } from "../../etl/files/import_input.ts";
import { describeImport, type ImportReport } from "../../etl/files/import_report.ts";
import { importFile } from "../../etl/import.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";

const EXPORTS = fileURLToPath(new URL("../fixtures/exports/", import.meta.url));
const CANDLES = fileURLToPath(new URL("../fixtures/candles/", import.meta.url));
const NOW = new Date("2026-11-22T12:00:00Z");
const UNCHANGED = { inserted: 0, updated: 0, revised: 0 };

// The process runs other tests beside this one: only what this one's own heap keeps alive tells.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is still in use of the heap of this test, in megabytes. */
function measureLiveMb(): number {
  collectGarbage();
  return Deno.memoryUsage().heapUsed / 1e6;
}

/** What is imported: text, lines, or a path. */
type Values = Partial<ImportInput> & { text?: string; lines?: Iterable<string>; path?: string };

async function run(database: Database, values: Values): Promise<ImportReport> {
  const { text, lines, path, ...input } = values;
  const bytes = path
    ? (await Deno.open(path)).readable
    : ReadableStream.from(lines ?? [text!]).pipeThrough(new TextEncoderStream());
  return await importFile({ database, now: () => NOW }, {
    name: "file.csv",
    bytes,
    source: "import",
    symbols: [],
    interval: null,
    kind: null,
    timezone: "UTC",
    columns: {},
    isDryRun: false,
    ...input,
  });
}

const DAILY: Values = { symbols: ["AAPL"], interval: "1day", kind: "stock" };

/** The counts alone. */
function counts({ status, inserted, updated, revised, unchanged, rejected }: ImportReport) {
  return { status, inserted, updated, revised, unchanged, rejected };
}

/** Everything that an import may write, but for numbers and times of runs. */
async function contents(sql: Sql) {
  return {
    instruments: [...await sql`select source, symbol, kind from market.instruments order by 1, 2`],
    candles: [...await sql`select * from market.candles order by 1, 2, 3`],
    revisions: [...await sql`select * from market.candle_revisions order by 1, 2, 3, 4`],
    rejects: [...await sql`select reason, payload from market.rejects order by id`],
    watermarks: [...await sql`select * from market.watermarks order by 1, 2`],
  };
}

async function closes(sql: Sql, symbol = "AAPL") {
  const rows = await sql<{ close: string }[]>`
    select close from market.candles c join market.instruments i on i.id = c.instrument_id
    where i.symbol = ${symbol} order by opened_at`;
  return rows.map(({ close }) => close);
}

forEachDatabase(
  "importFile() stores what Twelve Data, Yahoo and Stooq export, the raw close to the last digit",
  async ({ database, sql }) => {
    const files = [
      ["twelve_data_1day.csv", 0, ["185.64000", "184.25000", "181.91000"]],
      ["yahoo_1day.csv", 1, ["185.639999", "181.910004"]],
      ["stooq_1day.csv", 0, ["185.64", "184.25", "181.91"]],
    ] as const;
    for (const [file, rejected, expected] of files) {
      const symbol = file.split("_")[0]!.toUpperCase();
      const report = await run(database, { ...DAILY, symbols: [symbol], path: EXPORTS + file });
      const status = rejected > 0 ? "partial" : "ok";
      const inserted = expected.length;
      assert.deepEqual(counts(report), {
        ...{ status, inserted, updated: 0, revised: 0, unchanged: 0, rejected },
      });
      assert.deepEqual(await closes(sql, symbol), expected);
    }
    const [volumes] = await sql`
      select count(*) filter (where volume is null) as none, max(volume) as most
      from market.candles`;
    assert.deepEqual(volumes, { none: 0, most: "82488700" });
  },
);

forEachDatabase(
  "importFile() says of Yahoo's null row which line it is, and keeps it as a reject",
  async ({ database, sql }) => {
    const { refusals } = await run(database, { ...DAILY, path: `${EXPORTS}yahoo_1day.csv` });
    const reason = 'open must be a decimal number: current value is "null"';
    assert.deepEqual(refusals, [{ line: 3, reason }]);
    const [reject] = await sql`select reason, payload, opened_at from market.rejects`;
    assert.equal(reject!.reason, reason);
    assert.equal(reject!.payload.line, 3);
    assert.deepEqual(reject!.openedAt, new Date("2024-01-03"));
  },
);

forEachDatabase(
  "importFile() reads Stooq's database: several instruments, Warsaw's time, minutes as the period",
  async ({ database, sql }) => {
    const report = await run(database, {
      path: `${EXPORTS}stooq_ticker_60.txt`,
      kind: "stock",
      timezone: "Europe/Warsaw",
    });
    assert.deepEqual(
      report.series.map(({ symbol, interval, inserted }) => [symbol, interval, inserted]),
      [
        ["AAPL.US", "1h", 2],
        ["MSFT.US", "1h", 1],
      ],
    );
    const [first] = await sql`select min(opened_at) as at from market.candles`;
    assert.deepEqual(first!.at, new Date("2024-01-02T14:30:00Z"));
  },
);

forEachDatabase(
  "importFile() reads a spreadsheet's file: byte order mark, tabs, quotes, offsets, no volume",
  async ({ database, sql }) => {
    const path = `${EXPORTS}generic_tabs_1h.tsv`;
    const report = await run(database, { ...DAILY, interval: "1h", path });
    assert.equal(report.inserted, 2);
    const [candle] = await listCandles(sql, 1, "1h", { limit: 2 });
    assert.deepEqual(candle?.openedAt, new Date("2024-01-02T14:30:00Z"));
    assert.equal(candle?.volume, null);
  },
);

forEachDatabase(
  "importFile() takes the symbols that are named out of a file of many, and counts the others",
  async ({ database, sql }) => {
    const path = `${CANDLES}twelvedata_15min_2025-02-03.csv`;
    const stocks = ["AAPL", "GOOGL", "AMZN", "META"];
    const local = { path, interval: "15min", timezone: "America/New_York" } as const;
    const report = await run(database, { ...local, symbols: stocks, kind: "stock" });
    assert.equal(report.inserted, 120);
    assert.equal(report.skipped, 90);
    assert.deepEqual(report.series.map(({ symbol }) => symbol).sort(), stocks.toSorted());
    const [newest] = await sql`select max(opened_at) as at from market.candles`;
    assert.deepEqual(newest!.at, new Date("2025-02-03T17:15:00Z"));
    await assert.rejects(run(database, { ...local, symbols: ["MSFT"] }), {
      name: "OperatorError",
      message:
        /no row of it is of what --symbol and --interval name: its first is of AAPL 15min; use --symbol as the file says it \(AAPL\), or --columns symbol= when all its rows are of MSFT$/,
    });
  },
);

forEachDatabase(
  "importFile() restores an export of a source: a forming candle stays forming",
  async ({ database, sql }) => {
    await storeInstrument(sql, { ...AAPL, source: "twelve_data" });
    await storeInstrument(sql, { source: "twelve_data" });
    const path = `${EXPORTS}chandlery.csv`;
    const report = await run(database, { path, source: "twelve_data" });
    assert.deepEqual([report.status, report.inserted, report.series.length], ["ok", 4, 3]);
    const rows = await sql`
      select close, is_final from market.candles c join market.instruments i on i.id = c.instrument_id
      where symbol = 'BTC/USD' order by opened_at`;
    assert.deepEqual([...rows], [
      { close: "45122.000000012345678", isFinal: true },
      { close: "45110.5", isFinal: false },
    ]);
    const sources = await sql`select distinct source from market.instruments`;
    assert.deepEqual([...sources], [{ source: "twelve_data" }]);
  },
);

forEachDatabase(
  "importFile() never mixes sources: neither an export with another one, nor a plain file with the provider's",
  async ({ database, sql }) => {
    const before = await contents(sql);
    await assert.rejects(run(database, { path: `${EXPORTS}chandlery.csv`, kind: "stock" }), {
      name: "OperatorError",
      message: /line 2 .* as source import: it is of source twelve_data; .* --source twelve_data$/,
    });
    const plain = { ...DAILY, path: `${EXPORTS}stooq_1day.csv`, source: "simulator" } as const;
    await assert.rejects(run(database, plain), {
      name: "OperatorError",
      message: /as source simulator: only an export of that source may be restored/,
    });
    assert.deepEqual(await contents(sql), before);
    assert.deepEqual([...await listRuns(sql, "import", 1)], []);
  },
);

forEachDatabase(
  "importFile() asks for what nobody said, and stores nothing then",
  async ({ database, sql }) => {
    const path = `${EXPORTS}stooq_1day.csv`;
    const cases: [Values, RegExp][] = [
      [{ ...DAILY, symbols: [], path }, /no column for the symbol: name its one .* --symbol$/],
      [{ ...DAILY, interval: null, path }, /no column for the interval: name it with --interval$/],
      [
        { ...DAILY, kind: null, path },
        /AAPL as nobody said what it is: add --kind with stock, etf/,
      ],
      [{ ...DAILY, text: "date,open\n" }, /no column of line 1 is its high, low, close/],
      [{ ...DAILY, text: "date,open,high,low,close\n" }, /no row follows its header$/],
    ];
    for (const [values, message] of cases) {
      await assert.rejects(run(database, values), { name: "OperatorError", message });
    }
    assert.deepEqual([...await listRuns(sql, "import", 1)], []);
    assert.deepEqual([...await sql`select 1 from market.instruments`], []);
  },
);

forEachDatabase(
  "importFile() takes no pair for a stock, and refuses such a series once",
  async ({ database, sql }) => {
    const day = (symbol: string) =>
      `${symbol},1day,2024-01-02,1,1,1,1\n${symbol},1day,2024-01-03,1,1,1,1\n`;
    const text = "symbol,interval,date,open,high,low,close\n" +
      day("AAPL") + day("BTC/USD") + day("BRK/B");
    const report = await run(database, { text, kind: "stock" });
    assert.deepEqual([report.status, report.inserted, report.rejected], ["partial", 4, 2]);
    assert.deepEqual(report.refusals, []);
    const words = describeImport(report, "twelve_data");
    assert.match(words, /Cannot import BTC\/USD as a pair is no stock: .* --kind forex, crypto/);
    assert.doesNotMatch(words, /more rows that were rejected/);
    assert.match(words, /They are kept as source import: .*; the site shows twelve_data\.$/);
    const stored = await sql`select symbol from market.instruments order by 1`;
    assert.deepEqual([...stored], [{ symbol: "AAPL" }, { symbol: "BRK/B" }]);
  },
);

forEachDatabase(
  "importFile() goes on when its connection is lost while it makes an instrument",
  async ({ database, sql }) => {
    let lost = 0;
    const flaky = new Proxy(sql, {
      apply(target, self, args) {
        const text = Array.isArray(args[0]) ? args[0].join("") : "";
        if (!text.includes("insert into market.instruments") || lost++ > 0) {
          return Reflect.apply(target, self, args);
        }
        return Promise.reject(Object.assign(new Error("lost"), { code: "CONNECTION_CLOSED" }));
      },
    });
    const losing = new Proxy(database, {
      get: (target, key) => key === "sql" ? flaky : Reflect.get(target, key, target),
    });
    const report = await run(losing, { ...DAILY, path: `${EXPORTS}stooq_1day.csv` });
    assert.deepEqual([report.status, report.inserted], ["ok", 3]);
    assert.ok(lost > 1, "it was tried again");
  },
);

forEachDatabase(
  "importFile() takes what it knows of a new instrument from another source's listing",
  async ({ database, sql }) => {
    await storeInstrument(sql, AAPL);
    await run(database, { ...DAILY, kind: null, path: `${EXPORTS}stooq_1day.csv` });
    const rows = await sql`
      select source, kind, exchange_timezone, session_closes::text from market.instruments
      order by id`;
    const what = { kind: "stock", exchangeTimezone: "America/New_York", sessionCloses: "16:00:00" };
    assert.deepEqual([...rows], [{ source: "simulator", ...what }, { source: "import", ...what }]);
  },
);

/** `count` hourly rows, shuffled the same way each time, some of them malformed. */
function* shuffledRows(count: number, step = 7919): Generator<string> {
  yield "datetime,open,high,low,close,volume,symbol\n";
  for (let i = 0; i < count; i++) {
    const hour = (i * step) % count;
    const datetime = new Date(Date.UTC(2020, 0, 1, hour)).toISOString();
    const price = `${1000 + hour}.25`;
    const close = hour % 1000 === 1 ? "n/a" : price;
    yield `${datetime},${price},${price},${price},${close},,${i % 2 ? "ETH/USD" : "BTC/USD"}\n`;
  }
}

forEachDatabase(
  "importFile() does the same whatever the order, and done again changes nothing",
  async ({ database, sql }) => {
    const input: Values = { interval: "1h", kind: "crypto" };
    const first = await run(database, { ...input, lines: shuffledRows(13_000) });
    assert.deepEqual(counts(first), {
      ...{ status: "partial", inserted: 12_987, updated: 0, revised: 0 },
      ...{ unchanged: 0, rejected: 13 },
    });
    const before = await contents(sql);
    const again = await run(database, { ...input, lines: shuffledRows(13_000) });
    assert.deepEqual(counts(again), {
      ...{ status: "partial", ...UNCHANGED, unchanged: 12_987, rejected: 13 },
    });
    assert.deepEqual(await contents(sql), before);
  },
);

forEachDatabase(
  "importFile() says in a dry run what the import then does, and writes nothing",
  async ({ database, sql }) => {
    const header = "datetime,open,high,low,close\n";
    const rows = (from: number, to: number, price: string) =>
      Array.from({ length: to - from }, (_, i) => {
        const at = new Date(Date.UTC(2024, 0, 1, from + i)).toISOString();
        return `${at},${price},${price},${price},${price}\n`;
      }).join("");
    const input: Values = { symbols: ["BTC/USD"], interval: "1h", kind: "crypto" };
    const texts = [
      header + rows(0, 6000, "5") + "2024-13-01,1,1,1,1\n" + rows(0, 1, "6"),
      header + rows(5990, 6010, "5") + rows(0, 3, "7") + rows(2, 3, "8"),
    ];
    for (const text of texts) {
      const before = await contents(sql);
      const dry = await run(database, { ...input, text, isDryRun: true });
      assert.deepEqual(await contents(sql), before);
      assert.equal(dry.runId, null);
      const real = await run(database, { ...input, text });
      assert.deepEqual({ ...dry, isDryRun: false, runId: real.runId }, real);
    }
    const [run1, run2] = (await listRuns(sql, "import", 5)).toReversed();
    assert.equal(run1!.candlesInserted, 6000);
    assert.deepEqual([run2!.candlesInserted, run2!.candlesRevised], [10, 2]);
  },
);

forEachDatabase(
  "importFile() keeps the earlier of two rows far apart, so that a second import restates nothing",
  async ({ database, sql }) => {
    const lines = () => {
      const [header, ...rows] = [...shuffledRows(11_000, 1)].filter((row) => !row.includes("n/a"));
      return [header!, ...rows, rows[3]!.replaceAll("1004.25", "1009.25")];
    };
    const input: Values = { interval: "1h", kind: "crypto" };
    const { refusals } = await run(database, { ...input, lines: lines() });
    assert.deepEqual(refusals.at(-1), {
      line: 10_991,
      reason:
        "a row with the open time 2020-01-01 04:00:00 came before in the file: that one is kept",
    });
    const again = await run(database, { ...input, lines: lines() });
    assert.deepEqual([again.inserted, again.revised], [0, 0]);
    assert.deepEqual([...await sql`select 1 from market.candle_revisions`], []);
  },
);

forEachDatabase(
  "importFile() lets one series fail alone, and records the run with a step for each",
  async ({ database, sql }) => {
    await storeInstrument(sql);
    const text = "symbol,interval,date,open,high,low,close\n" +
      "BTC/USD,1day,2024-01-02,1,1,1,1\nNEW,1day,2024-01-02,1,1,1,1\n,1day,2024-01-02,1,1,1,1\n";
    const report = await run(database, { text });
    assert.deepEqual(counts(report), {
      ...{ status: "partial", ...UNCHANGED, inserted: 1, unchanged: 0, rejected: 2 },
    });
    assert.deepEqual(report.refusals.map(({ line }) => line), [4]);
    assert.match(describeImport(report, "simulator"), /add --kind with [^]* \(1 rows\)\nline 4: /);
    const [recorded] = await listRuns(sql, "import", 2);
    assert.equal(recorded!.status, "partial");
    assert.equal(recorded!.trigger, "import");
    assert.equal(recorded!.error, "1 rows of the file name no series");
    const steps = await listRunSteps(sql, recorded!.id);
    assert.deepEqual(
      steps.map(({ symbol, purpose, status, reason, candlesInserted }) => ({
        ...{ symbol, purpose, status, reason, candlesInserted },
      })),
      [
        { symbol: "BTC/USD", purpose: "import", status: "ok", reason: null, candlesInserted: 1 },
        ...[{ symbol: "NEW", purpose: "import", status: "failed", reason: "unknown_kind" }]
          .map((step) => ({ ...step, candlesInserted: 0 })),
      ],
    );
  },
);

forEachDatabase(
  "importFile() fails when no row of a file can be stored",
  async ({ database }) => {
    const report = await run(database, {
      ...DAILY,
      interval: "1h",
      path: `${EXPORTS}stooq_1day.csv`,
    });
    assert.deepEqual(counts(report), {
      ...{ status: "failed", ...UNCHANGED, unchanged: 0, rejected: 3 },
    });
    assert.match(report.refusals[0]!.reason, /must have a time of day, as a candle of 1h has/);
  },
);

forEachDatabase(
  "importFile() waits for no other import, and gives its lock back when it fails",
  async ({ database }) => {
    const lock = await database.tryLock("import");
    const path = `${EXPORTS}stooq_1day.csv`;
    await assert.rejects(run(database, { ...DAILY, path }), {
      name: "OperatorError",
      message:
        "Cannot import file.csv as another import is under way: do it again when that has ended",
    });
    await lock!.release();
    await assert.rejects(run(database, { ...DAILY, text: "" }), { name: "OperatorError" });
    assert.equal((await run(database, { ...DAILY, path })).status, "ok");
  },
);

forEachDatabase(
  "importFile() that ends in the middle keeps the pages that it loaded, and goes on from them",
  async ({ database, sql }) => {
    const lines = [...shuffledRows(13_000, 1)].filter((line) => !line.includes("n/a"));
    const input: Values = { interval: "1h", kind: "crypto" };
    const broken = async function* () {
      yield* lines.slice(0, 12_000);
      throw new Error("the disk broke");
    };
    const bytes = ReadableStream.from(broken()).pipeThrough(new TextEncoderStream());
    await assert.rejects(run(database, { ...input, bytes }), /the disk broke/);
    const [failed] = await listRuns(sql, "import", 1);
    assert.deepEqual([failed!.status, failed!.error], ["failed", "the disk broke"]);
    assert.equal(failed!.candlesInserted, 10_000);
    const rest = await run(database, { ...input, lines });
    assert.deepEqual([rest.inserted, rest.unchanged], [2987, 10_000]);
  },
);

forEachDatabase(
  "importFile() reads 250,000 rows in the memory of the first 50,000",
  async ({ database }) => {
    const liveMb: number[] = [];
    function* rows(): Generator<string> {
      yield "datetime,open,high,low,close,volume\n";
      for (let chunk = 0; chunk < 250; chunk++) {
        yield Array.from({ length: 1000 }, (_, i) => {
          const at = new Date(Date.UTC(2000, 0, 1, 0, chunk * 1000 + i)).toISOString();
          return `${at},101.25,102.75,100.5,101.${i},${i}\n`;
        }).join("");
        if (chunk === 50 || chunk === 249) liveMb.push(measureLiveMb());
      }
    }
    const input: Values = {
      symbols: ["BTC/USD"],
      interval: "1min",
      kind: "crypto",
      isDryRun: true,
    };
    const report = await run(database, { ...input, lines: rows() });
    assert.equal(report.inserted, 250_000);
    const [warm, end] = liveMb as [number, number];
    assert.ok(end - warm < 10, `${warm} MB are alive after 50,000 rows, ${end} MB after 250,000`);
  },
);
