import fc from "fast-check";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import assert from "node:assert/strict";
import { join } from "node:path";
import { loadCandles } from "../../db/candles.ts";
import { pageCandles } from "../../db/candle_export.ts";
import { type Database, openDatabase, type Sql } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import { exportCandles } from "../../etl/export.ts";
import type { Format } from "../../etl/files/formats.ts";
import { openFileOutput, type Output, OutputClosed } from "../../etl/files/output.ts";
import { importFile } from "../../etl/import.ts";
import type { Candle } from "../../market/candle.ts";
import type { Interval } from "../../market/interval.ts";
import { createServerDatabase, forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";
import { withDataDir, withTempDir } from "../support/temp.ts";

const NOW = new Date("2026-11-22T12:00:00Z");

async function load(
  database: Database,
  instrumentId: number,
  interval: Interval,
  candles: Candle[],
) {
  const coveredFrom = candles[0]?.openedAt ?? null;
  const page = {
    instrumentId,
    interval,
    candles,
    rejects: [],
    runId: 1,
    loadedAt: NOW,
    coveredFrom,
  };
  return await loadCandles(database, page);
}

/** An output that keeps everything, and tells how much came at once. */
function memoryOutput(): Output & { text(): string; largest: number; isCommitted: boolean } {
  const pieces: Uint8Array[] = [];
  return {
    largest: 0,
    isCommitted: false,
    write(bytes) {
      this.largest = Math.max(this.largest, bytes.length);
      pieces.push(bytes.slice());
      return Promise.resolve();
    },
    commit() {
      this.isCommitted = true;
      return Promise.resolve();
    },
    discard: () => Promise.resolve(),
    text: () => pieces.map((piece) => new TextDecoder().decode(piece)).join(""),
  };
}

async function exportText(database: Database, format: Format, filter = {}): Promise<string> {
  const output = memoryOutput();
  await exportCandles({ database }, { source: "simulator", ...filter }, format, output);
  assert.ok(output.isCommitted);
  return output.text();
}

/** A stock with a day and two hours, a pair with a forming candle, and another source's instrument. */
async function storeSome(database: Database): Promise<void> {
  const { sql } = database;
  const aapl = await storeInstrument(sql, AAPL);
  const bitcoin = await storeInstrument(sql);
  const other = await storeInstrument(sql, { ...AAPL, source: "import" });
  await load(database, aapl.id, "1h", [
    candle("2026-11-20T14:30:00Z", "230.10", { volume: "0" }),
    candle("2026-11-20T15:30:00Z", "231"),
  ]);
  await load(database, aapl.id, "1day", [candle("2026-11-20", "231.000", { volume: "100.5" })]);
  await load(database, bitcoin.id, "1h", [
    candle("2026-11-22T11:00:00Z", "0.000000012345678", { isFinal: false }),
  ]);
  await load(database, other.id, "1day", [candle("2026-11-20", "1")]);
}

forEachDatabase(
  "exportCandles() writes numbers as they are stored, times in UTC, by symbol, interval and time",
  async ({ database }) => {
    await storeSome(database);
    const aapl = ",stock,Apple Inc.,NASDAQ,XNGS,USD,,,America/New_York";
    const bitcoin = ",crypto,Bitcoin / US Dollar,,,,Bitcoin,US Dollar,";
    assert.equal(
      await exportText(database, "csv"),
      `source,symbol,interval,opened_at,open,high,low,close,volume,is_final,kind,name,exchange,mic_code,currency,currency_base,currency_quote,exchange_timezone
simulator,AAPL,1h,2026-11-20T14:30:00Z,230.10,230.10,230.10,230.10,0,true${aapl}
simulator,AAPL,1h,2026-11-20T15:30:00Z,231,231,231,231,,true${aapl}
simulator,AAPL,1day,2026-11-20T00:00:00Z,231.000,231.000,231.000,231.000,100.5,true${aapl}
simulator,BTC/USD,1h,2026-11-22T11:00:00Z,0.000000012345678,0.000000012345678,0.000000012345678,0.000000012345678,,false${bitcoin}
`,
    );
    const lines = (await exportText(database, "jsonl", { symbols: ["BTC/USD"] })).trimEnd().split(
      "\n",
    );
    const price = "0.000000012345678";
    assert.deepEqual(lines.map((line) => JSON.parse(line)), [{
      ...{ source: "simulator", symbol: "BTC/USD", interval: "1h", open: price, high: price },
      ...{
        low: price,
        close: price,
        volume: null,
        opened_at: "2026-11-22T11:00:00Z",
        is_final: false,
      },
    }]);
  },
);

forEachDatabase(
  "exportCandles() takes what the filter names: from its begin, up to its end",
  async ({ database }) => {
    await storeSome(database);
    const count = async (filter: object) =>
      (await exportText(database, "jsonl", filter)).split("\n").length - 1;
    assert.equal(await count({ intervals: ["1h"] }), 3);
    assert.equal(await count({ symbols: ["AAPL"], intervals: ["1h", "1day"] }), 3);
    assert.equal(await count({ from: new Date("2026-11-20T15:30:00Z") }), 2);
    assert.equal(await count({ to: new Date("2026-11-20T15:30:00Z") }), 2);
    assert.equal(await count({ source: "import" }), 1);
    assert.equal(await count({ source: "twelve_data" }), 0);
    await assert.rejects(exportText(database, "csv", { symbols: ["AAPL", "NONE"] }), {
      name: "OperatorError",
      message: "Cannot export NONE as source simulator has no such instrument: correct --symbol",
    });
  },
);

/** Enough candles for several pages of any size that is asked for. */
async function storeHours(database: Database, count: number): Promise<void> {
  const { id } = await storeInstrument(database.sql);
  const candles = Array.from(
    { length: count },
    (_, hour) => candle(new Date(Date.UTC(2020, 0, 1, hour)).toISOString(), `${hour}.5`),
  );
  await load(database, id, "1h", candles);
}

forEachDatabase(
  "pageCandles() gives every candle once, whatever the size of a page",
  async ({ database, sql }) => {
    await storeHours(database, 12);
    await load(database, 1, "1day", [candle("2020-01-01", "1")]);
    for (const size of [1, 5, 6, 12, 13]) {
      const pages = await Array.fromAsync(pageCandles(sql, { source: "simulator" }, size));
      const times = pages.flat().map(({ openedAt }) => openedAt.getTime() / 3_600_000);
      const first = Date.UTC(2020, 0, 1) / 3_600_000;
      assert.deepEqual(times.map((time) => time - first), [...Array(12).keys(), 0]);
      assert.ok(pages.every((page) => page.length > 0 && page.length <= size));
    }
  },
);

/** What a table of candles says, without who loaded it when. */
async function checksum(sql: Sql): Promise<string> {
  const [row] = await sql<{ sum: string }[]>`
    select count(*) || ' ' || coalesce(md5(string_agg(concat_ws(
      '|', i.source, i.symbol, c.candle_interval, c.opened_at at time zone 'UTC', c.open, c.high,
      c.low, c.close, coalesce(c.volume::text, 'none'), c.is_final
    ), e'\n' order by i.symbol collate "C", c.candle_interval::text collate "C", c.opened_at)), '')
      as sum
    from market.candles c join market.instruments i on i.id = c.instrument_id`;
  return row!.sum;
}

const digits = (max: number) => fc.stringMatching(new RegExp(`^\\d{1,${max}}$`));

/** Candles whose numbers have every form that may be stored. */
const anyCandles = fc.array(
  fc.record({
    hour: fc.integer({ min: 0, max: 50_000 }),
    whole: digits(18),
    fraction: fc.option(digits(15)),
    volume: fc.option(digits(20)),
    isFinal: fc.boolean(),
  }),
  { maxLength: 30 },
).map((rows) => {
  const byHour = new Map(rows.map((row) => [row.hour, row]));
  return Array.from(byHour.values(), ({ hour, whole, fraction, volume, isFinal }) => {
    const price = fraction === null ? whole : `${whole}.${fraction}`;
    const openedAt = new Date(Date.UTC(2020, 0, 1, hour)).toISOString();
    return candle(openedAt, price, { volume, isFinal });
  });
});

/** Another database of the same kind, with nothing in it. */
async function withSecondDatabase(
  kind: Database["kind"],
  fn: (database: Database) => Promise<void>,
): Promise<void> {
  const work = async (options: Parameters<typeof openDatabase>[0]) => {
    const database = await openDatabase(options);
    try {
      await migrate(database.sql);
      await fn(database);
    } finally {
      await database.close();
    }
  };
  if (kind === "embedded") await withDataDir((dataDir) => work({ dataDir }));
  else await work({ databaseUrl: await createServerDatabase(), dataDir: "unused" });
}

/** What an export must carry of instruments: all but what is this database's own. */
async function instruments(sql: Sql) {
  return [
    ...await sql`
    select source, symbol, slug, name, kind, exchange, mic_code, currency, currency_base,
      currency_quote, exchange_timezone, session_closes::text
    from market.instruments order by source, symbol`,
  ];
}

async function restore(database: Database, text: string) {
  return await importFile({ database, now: () => NOW }, {
    name: "export.csv",
    bytes: ReadableStream.from([new TextEncoder().encode(text)]),
    source: "simulator",
    symbols: [],
    interval: null,
    kind: null,
    timezone: "UTC",
    columns: {},
    isDryRun: false,
  });
}

forEachDatabase(
  "what exportCandles() writes, importFile() makes the same table of in another database",
  async ({ database, sql }) => {
    await withSecondDatabase(database.kind, async (second) => {
      const symbols = ["BTC/USD", "ETH/USD", "A.B-C=F"];
      await fc.assert(
        fc.asyncProperty(anyCandles, fc.constantFrom(...symbols), async (candles, symbol) => {
          for (const { sql } of [database, second]) {
            await sql`truncate market.instruments cascade`;
          }
          const { id } = await storeInstrument(sql, { symbol });
          await load(database, id, "1h", candles);
          await load(database, id, "1min", candles.slice(0, 3));
          const text = await exportText(database, "csv");
          if (candles.length > 0) {
            const report = await restore(second, text);
            assert.deepEqual([report.status, report.rejected], ["ok", 0]);
            const again = await restore(second, text);
            assert.equal(again.unchanged, report.inserted);
          }
          assert.equal(await checksum(second.sql), await checksum(sql));
          assert.equal(await exportText(second, "csv"), text);
          if (candles.length > 0) {
            assert.deepEqual(await instruments(second.sql), await instruments(sql));
          }
        }),
        { numRuns: 12 },
      );
    });
  },
);

forEachDatabase(
  "importFile() restores a stock, a coin and a currency pair into an empty database as what they are",
  async ({ database, sql }) => {
    const euro = { currency: null, currencyBase: "Euro", currencyQuote: "US Dollar" };
    const listings = [
      { ...AAPL, name: 'Apple, "Inc."', exchange: "NASDAQ", micCode: "XNGS", currency: "USD" },
      { symbol: "BTC/USD", slug: "BTC-USD", kind: "crypto", exchange: "Coinbase" },
      { symbol: "EUR/USD", slug: "EUR-USD", kind: "forex", ...euro, name: "Euro / US Dollar" },
    ] as const;
    for (const listing of listings) {
      const { id } = await storeInstrument(sql, listing);
      await load(database, id, "1day", [candle("2026-11-19", "1"), candle("2026-11-20", "2")]);
    }
    const text = await exportText(database, "csv");
    await withSecondDatabase(database.kind, async (second) => {
      const report = await restore(second, text);
      assert.deepEqual([report.status, report.inserted], ["ok", 6]);
      assert.deepEqual(await instruments(second.sql), await instruments(sql));
      assert.equal(await checksum(second.sql), await checksum(sql));
    });
    await withSecondDatabase(database.kind, async (second) => {
      const broken = text.replaceAll(",forex,", ",tulips,");
      const report = await restore(second, broken);
      assert.deepEqual([report.status, report.inserted, report.refusals], ["partial", 4, []]);
      assert.match(report.series[2]!.error!, /Cannot import EUR\/USD as its kind .* "tulips"/);
    });
  },
);

/** Reads a Parquet file with its decimals as they are in it: hyparquet itself makes floats of them. */
async function readParquet(path: string) {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const decimals = metadata.schema.filter(({ converted_type }) => converted_type === "DECIMAL");
  const declared = decimals.map(({ name, precision, scale }) => ({ name, precision, scale }));
  const rowGroups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  for (const column of decimals) {
    delete column.converted_type;
    delete column.logical_type;
  }
  const rows = await parquetReadObjects({ file, metadata, utf8: false });
  const numbers = decimals.map(({ name }) => name);
  return { declared, rowGroups, rows: rows.map((row) => withExactNumbers(row, numbers)) };
}

function withExactNumbers(row: Record<string, unknown>, numbers: string[]) {
  const exact = numbers.map((name) => {
    const bytes = row[name] as Uint8Array | null | undefined;
    return [name, bytes ? decimalText(bytes) : null];
  });
  return { ...row, ...Object.fromEntries(exact) };
}

/** Big-endian bytes of a number of 15 decimals. */
function decimalText(bytes: Uint8Array): string {
  const unscaled = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const text = unscaled.toString().padStart(16, "0");
  return `${text.slice(0, -15)}.${text.slice(-15)}`.replace(/\.?0+$/, "");
}

forEachDatabase(
  "exportCandles() writes Parquet with exact decimals, UTC timestamps and null volumes",
  async ({ database, sql }) => {
    const { id } = await storeInstrument(sql);
    await load(database, id, "1h", [
      candle("2026-11-22T10:00:00Z", "12345678901234567890.123456789012345", { volume: "7" }),
      candle("2026-11-22T11:00:00Z", "0.50", { isFinal: false }),
    ]);
    await withTempDir(async (dir) => {
      const path = join(dir, "candles.parquet");
      await exportCandles(
        { database },
        { source: "simulator" },
        "parquet",
        await openFileOutput(path),
      );
      const { declared, rows } = await readParquet(path);
      const decimal = { precision: 38, scale: 15 };
      const names = ["open", "high", "low", "close", "volume"];
      assert.deepEqual(declared, names.map((name) => ({ name, ...decimal })));
      const series = { source: "simulator", symbol: "BTC/USD", interval: "1h" };
      const prices = (price: string) => ({ open: price, high: price, low: price, close: price });
      assert.deepEqual(rows, [
        {
          ...{
            ...series,
            opened_at: new Date("2026-11-22T10:00:00Z"),
            volume: "7",
            is_final: true,
          },
          ...prices("12345678901234567890.123456789012345"),
        },
        {
          ...{
            ...series,
            opened_at: new Date("2026-11-22T11:00:00Z"),
            volume: null,
            is_final: false,
          },
          ...prices("0.5"),
        },
      ]);
      await sql`update market.candles set close = low, open = high, volume = 0.0000000000000001`;
      const output = await openFileOutput(path);
      await assert.rejects(
        exportCandles({ database }, { source: "simulator" }, "parquet", output),
        {
          name: "OperatorError",
          message: /more digits than a decimal\(38, 15\): 0.0000000000000001; use --format csv$/,
        },
      );
      assert.equal((await readParquet(path)).rows.length, 2, "the file before is still there");
    });
  },
);

forEachDatabase(
  "exportCandles() sends each row group of Parquet on its way before it reads the next",
  async ({ database }) => {
    await storeHours(database, 50_000);
    await withTempDir(async (dir) => {
      const path = join(dir, "candles.parquet");
      const file = await openFileOutput(path);
      const sizes: number[] = [];
      const output: Output = {
        ...file,
        write: (bytes) => {
          sizes.push(bytes.length);
          return file.write(bytes);
        },
      };
      await exportCandles({ database }, { source: "simulator" }, "parquet", output);
      const { rowGroups, rows } = await readParquet(path);
      assert.deepEqual(rowGroups, [20_000, 20_000, 10_000]);
      assert.equal(sizes.length, 4, "three row groups and the index");
      assert.deepEqual([rows.at(0)?.close, rows.at(-1)?.close], ["0.5", "49999.5"]);
    });
    const empty = memoryOutput();
    await exportCandles({ database }, { source: "import" }, "parquet", empty);
    assert.match(empty.text(), /^PAR1[^]*PAR1$/);
  },
);

forEachDatabase(
  "exportCandles() leaves a file as it was until the new one is complete",
  async ({ database }) => {
    await storeSome(database);
    await withTempDir(async (dir) => {
      const path = join(dir, "candles.csv");
      await Deno.writeTextFile(path, "before");
      const file = await openFileOutput(path);
      const failing: Output = { ...file, write: () => Promise.reject(new Error("the disk broke")) };
      const filter = { source: "simulator" } as const;
      await assert.rejects(exportCandles({ database }, filter, "csv", failing), /the disk broke/);
      assert.equal(await Deno.readTextFile(path), "before");
      assert.deepEqual([...Deno.readDirSync(dir)].map(({ name }) => name), ["candles.csv"]);

      const link = join(dir, "link.csv");
      await Deno.symlink(path, link);
      await exportCandles({ database }, filter, "csv", await openFileOutput(link));
      assert.match(await Deno.readTextFile(path), /^source,symbol/);
      assert.ok((await Deno.lstat(link)).isSymlink);
    });
  },
);

forEachDatabase(
  "exportCandles() ends quietly when nobody reads its output any more",
  async ({ database }) => {
    await storeHours(database, 12);
    const closed: Output = {
      ...memoryOutput(),
      write: () => Promise.reject(new OutputClosed("the standard output")),
    };
    assert.deepEqual(await exportCandles({ database }, { source: "simulator" }, "csv", closed), {
      candles: 0,
      series: 0,
    });
  },
);

Deno.test("openFileOutput() says in one line why a file cannot be written", async () => {
  await withTempDir(async (dir) => {
    const error = (message: RegExp) => ({ name: "OperatorError", message });
    await assert.rejects(openFileOutput(dir), error(/as it is a folder: name a file/));
    await assert.rejects(openFileOutput("/dev/null"), error(/as it is no ordinary file/));
    await assert.rejects(openFileOutput(`${dir}/a/b.csv`), error(/its folder does not exist/));
    await assert.rejects(openFileOutput("/proc/x.csv"), error(/it cannot be made there: name an/));
  });
});
