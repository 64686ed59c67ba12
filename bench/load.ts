/** What it takes to get candles from the wire into the database, against what PostgreSQL and `JSON.parse` can do. */
import { loadCandles } from "../db/candles.ts";
import { upsertCandles } from "../db/candle_rows.ts";
import { type Database, openDatabase, type Sql } from "../db/connect.ts";
import { copyText } from "../db/copy.ts";
import { upsertInstrument } from "../db/instruments.ts";
import { migrate } from "../db/migrate.ts";
import { inTransaction } from "../db/transaction.ts";
import { normalizeCandles, type NormalizedRows } from "../etl/normalize.ts";
import { prefetch } from "../etl/pipeline.ts";
import type { TimeSeries } from "../etl/provider.ts";
import { parseTimeSeries } from "../etl/providers/twelve_data/schema.ts";
import { type Instrument, slugOfSymbol } from "../market/instrument.ts";
import { sessionOf } from "../market/session.ts";
import { startPostgres } from "../tests/support/postgres.ts";
import { benchBackfillMemory } from "./backfill_memory.ts";
import { median, printTarget, timeMs } from "./measure.ts";
import { benchSteadyRun } from "./steady_run.ts";
import { makeWireSeries, PAGE_ROWS, type WireSeries } from "./wire_pages.ts";

type CopyQuery = ReturnType<Sql>;

const ROUNDS = 5;
const PAGES_PER_SERIES = 20;
const AS_OF = new Date("2026-11-22T00:00:00Z");

/** A checkpoint in the middle of one of the ways would be measured with it. */
const SETTINGS = { max_wal_size: "8GB", checkpoint_timeout: "1h", shared_buffers: "512MB" };

/** Prints how fast loading is, how much memory a long backfill needs, and what a run costs that finds nothing. */
export async function benchLoad(): Promise<void> {
  await benchSpeed();
  await benchBackfillMemory();
  await benchSteadyRun();
}

/** Prints medians of {@linkcode ROUNDS} rounds, in each of which every way is gone once. */
async function benchSpeed(): Promise<void> {
  const all = makeWireSeries(PAGES_PER_SERIES);
  await benchParsing(all);
  const server = await startPostgres({ settings: SETTINGS });
  try {
    const databaseUrl = await server.createDatabase("bench");
    const database = await openDatabase({ databaseUrl, dataDir: "unused" });
    try {
      await migrate(database.sql);
      const settings = Object.entries(SETTINGS).map(([name, value]) => `${name} ${value}`);
      console.log(`${server.name}, fsync off, ${settings.join(", ")}`);
      await benchWays(database, all);
    } finally {
      await database.close();
    }
  } finally {
    await server.stop();
  }
}

async function benchParsing(all: WireSeries[]): Promise<void> {
  for (const series of all) {
    const texts = series.pages.map((page) => new TextDecoder().decode(page));
    const times = { parse: [] as number[], candles: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      times.parse.push(await timeMs(() => texts.forEach((text) => JSON.parse(text))));
      times.candles.push(
        await timeMs(() => {
          for (const text of texts) normalize(series, parsePage(series, text));
        }),
      );
    }
    printTarget(
      `parse, validate, normalise / JSON.parse, ${series.symbol}`,
      median(times.parse) / median(times.candles),
      { atLeast: 0.2 },
    );
  }
}

async function benchWays(database: Database, all: WireSeries[]): Promise<void> {
  const { sql } = database;
  const instruments = await Promise.all(all.map((series) => storeInstrument(database, series)));
  const copy = all.flatMap((series, i) => copyPages(series, instruments[i]!.id));
  const empty = () =>
    sql`truncate market.candles, market.rollups, market.candle_revisions, market.watermarks`;
  const ways = {
    copy: () => plainCopy(database, intoCandles, copy),
    upsert: () => takeAll(all, (i, page) => upsertPage(database, all[i]!, instruments[i]!, page)),
    load: () => takeAll(all, (i, page) => loadPage(database, all[i]!, instruments[i]!, page, 1)),
    reload: () => takeAll(all, (i, page) => loadPage(database, all[i]!, instruments[i]!, page, 2)),
  };
  const times = { copy: [] as number[], upsert: [] as number[], load: [] as number[] };
  const again: number[] = [];
  const rollups: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["copy", "upsert", "load"] as const) {
      await empty();
      times[name].push(await timeMs(ways[name]));
      const [{ count }] = await sql<[{ count: number }]>`select count(*) from market.candles`;
      if (count !== rowsOf(all)) throw new Error(`${count} of ${rowsOf(all)} candles are stored`);
    }
    again.push(await timeMs(ways.reload));
    const [{ kept }] = await sql<[{ kept: number }]>`
      select count(*) as kept from market.candles where run_id = 1`;
    if (kept !== rowsOf(all)) throw new Error(`${kept} of ${rowsOf(all)} candles were left alone`);
    const text = await readRollups(database);
    await sql`truncate market.rollups`;
    rollups.push(await timeMs(() => plainCopy(database, intoRollups, [text])));
  }
  const copyMs = median(times.copy);
  console.log(`plain COPY: ${Math.round(rowsOf(all) / copyMs)} thousand rows a second`);
  printTarget("wire JSON to stored candles / plain COPY", copyMs / median(times.upsert), {
    atLeast: 0.5,
  });
  printTarget("the same again, nothing changed / plain COPY", copyMs / median(again), {
    atLeast: 0.6,
  });
  const [{ count }] = await sql<[{ count: number }]>`select count(*) from market.rollups`;
  console.log(`those candles make ${count} rollups`);
  printTarget(
    "wire JSON to candles and rollups / COPY of both",
    (copyMs + median(rollups)) / median(times.load),
    { atLeast: 0.4 },
  );
  await benchScattered(database, all[0]!, instruments[0]!, empty);
}

/** A file that is in no order: each of its pages has candles of all its days. */
async function benchScattered(
  database: Database,
  series: WireSeries,
  instrument: Instrument,
  empty: () => Promise<unknown>,
): Promise<void> {
  const texts = series.pages.slice(0, 3).map((page) => new TextDecoder().decode(page));
  const sorted = texts.map((text) => normalize(series, parsePage(series, text)));
  const candles = sorted.flatMap((page) => page.candles);
  const scattered = sorted.map((page, i) => ({
    ...page,
    candles: candles.filter((_, at) => at % sorted.length === i),
  }));
  const times = { sorted: [] as number[], scattered: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, pages] of Object.entries({ sorted, scattered })) {
      await empty();
      times[name as keyof typeof times].push(
        await timeMs(async () => {
          for (const rows of pages) await loadRows(database, series, instrument, rows, 1);
        }),
      );
    }
  }
  printTarget(
    "three pages in order / in no order",
    median(times.sorted) / median(times.scattered),
    { atLeast: 0.25 },
  );
}

function rowsOf(all: WireSeries[]): number {
  return all.length * PAGES_PER_SERIES * PAGE_ROWS;
}

/** The way of a backfill: a page is read and parsed while the one before is stored. */
async function takeAll(
  all: WireSeries[],
  take: (index: number, page: TimeSeries) => Promise<unknown>,
): Promise<void> {
  for (const [i, series] of all.entries()) {
    for await (const page of prefetch(receivePages(series))) await take(i, page);
  }
}

async function upsertPage(
  { sql, kind }: Database,
  series: WireSeries,
  instrument: Instrument,
  page: TimeSeries,
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    await upsertCandles(tx, kind, {
      instrumentId: instrument.id,
      interval: series.interval,
      candles: normalize(series, page).candles,
      runId: 1,
      loadedAt: AS_OF,
    });
  });
}

async function loadPage(
  database: Database,
  series: WireSeries,
  instrument: Instrument,
  page: TimeSeries,
  runId: number,
): Promise<void> {
  await loadRows(database, series, instrument, normalize(series, page), runId);
}

async function loadRows(
  database: Database,
  series: WireSeries,
  instrument: Instrument,
  rows: NormalizedRows,
  runId: number,
): Promise<void> {
  await loadCandles(database, {
    instrumentId: instrument.id,
    interval: series.interval,
    ...rows,
    runId,
    loadedAt: AS_OF,
  });
}

/** All of market.rollups, as COPY reads it. */
async function readRollups({ sql }: Database): Promise<string> {
  const rows = await sql<Record<string, string | null>[]>`
    select
      instrument_id::text, candle_interval, opened_at::text, open, high, low, close, volume,
      is_final::text, rolled_up_from, candle_count::text, loaded_at::text
    from market.rollups`;
  return copyText(rows.map((row) => Object.values(row)));
}

async function* receivePages(series: WireSeries): AsyncGenerator<TimeSeries> {
  for (const page of series.pages) yield parsePage(series, await new Response(page).text());
}

function parsePage({ symbol, interval }: WireSeries, text: string): TimeSeries {
  const asked = { provider: "the bench", what: "a page", scrub: (text: string) => text };
  return parseTimeSeries(asked, { symbol, micCode: undefined }, interval, JSON.parse(text));
}

function normalize(series: WireSeries, { rows }: TimeSeries): NormalizedRows {
  const session = sessionOf(series.kind, series.exchangeTimezone);
  return normalizeCandles(rows, { interval: series.interval, session, asOf: AS_OF });
}

/** What the plain COPY sends: text that is made beforehand, so that only PostgreSQL's work counts. */
function copyPages(series: WireSeries, instrumentId: number): string[] {
  return series.pages.map((page) => {
    const { candles } = normalize(series, parsePage(series, new TextDecoder().decode(page)));
    return copyText(candles.map((c) => [
      String(instrumentId),
      series.interval,
      c.openedAt.toISOString(),
      c.open,
      c.high,
      c.low,
      c.close,
      c.volume,
      "t",
      "1",
      AS_OF.toISOString(),
    ]));
  });
}

async function plainCopy(
  { sql }: Database,
  into: (tx: Sql) => CopyQuery,
  texts: string[],
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const stream = await into(tx).writable();
    for (const text of texts) {
      if (!stream.write(text)) await new Promise((done) => stream.once("drain", done));
    }
    await new Promise<void>((done) => stream.end(() => done()));
  });
}

function intoCandles(tx: Sql): CopyQuery {
  return tx`
    copy market.candles (
      instrument_id, candle_interval, opened_at, open, high, low, close, volume, is_final,
      run_id, loaded_at
    ) from stdin`;
}

function intoRollups(tx: Sql): CopyQuery {
  return tx`copy market.rollups from stdin`;
}

async function storeInstrument({ sql }: Database, series: WireSeries): Promise<Instrument> {
  const { symbol, kind, exchangeTimezone } = series;
  return await upsertInstrument(sql, {
    source: "simulator",
    symbol,
    slug: slugOfSymbol(symbol),
    name: null,
    kind,
    exchange: null,
    micCode: null,
    currency: null,
    currencyBase: null,
    currencyQuote: null,
    exchangeTimezone,
    sessionCloses: null,
  }, AS_OF);
}
