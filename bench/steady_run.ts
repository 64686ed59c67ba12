/** What a run costs the database that finds nothing new, beside what is stored already. */
import { type Database, openDatabase, type Sql } from "../db/connect.ts";
import { migrate } from "../db/migrate.ts";
import { runEtl } from "../etl/run.ts";
import type { Interval } from "../market/interval.ts";
import { sumOf } from "../tests/support/etl.ts";
import { startPostgres } from "../tests/support/postgres.ts";
import { median, printTarget } from "./measure.ts";
import { dependenciesOf, NOW } from "./simulated_run.ts";

const ROUNDS = 5;
const WARM_UPS = 2;
const WATCH = {
  symbols: ["AAPL", "GOOGL", "AMZN", "META", "BTC/USD", "ETH/USD", "SOL/USD", "EUR/USD"],
  intervals: ["1h", "1day"],
} satisfies { symbols: string[]; intervals: Interval[] };

/** What is stored beside the first load, in candles of each of eight instruments: 10 million together. */
const STORED: { source: "simulator" | "import"; interval: Interval; candles: number }[] = [
  { source: "simulator", interval: "1h", candles: 500_000 },
  { source: "simulator", interval: "1day", candles: 20_000 },
  // Loaded once and watched no longer.
  { source: "simulator", interval: "5min", candles: 365_000 },
  { source: "import", interval: "1min", candles: 365_000 },
];

const SETTINGS = {
  shared_buffers: "512MB",
  max_wal_size: "8GB",
  checkpoint_timeout: "1h",
  // It would work beside one of the two.
  autovacuum: "off",
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track_planning": "on",
};

/**
 * Prints medians of {@linkcode ROUNDS} rounds, in each of which a run goes over a database that has only
 * what its own first load brought, and over one that has 10 million candles more.
 */
export async function benchSteadyRun(): Promise<void> {
  const server = await startPostgres({ settings: SETTINGS });
  const observer = await open(server.url());
  try {
    await observer.sql`create extension pg_stat_statements`;
    const urls = {
      few: await server.createDatabase("few"),
      many: await server.createDatabase("many"),
    };
    await fill(urls.few, []);
    await fill(urls.many, STORED);
    const times = { few: [] as number[], many: [] as number[] };
    for (let round = -WARM_UPS; round < ROUNDS; round++) {
      for (const name of ["few", "many"] as const) {
        const ms = await timeSteadyRun(observer.sql, urls[name]);
        if (round >= 0) times[name].push(ms);
      }
    }
    const [few, many] = [median(times.few), median(times.many)];
    console.log(
      `a run with nothing new: ${few.toFixed(1)} ms of database time, ` +
        `with 10 million candles stored ${many.toFixed(1)} ms`,
    );
    printTarget("database time with 10 million / with none", many / few, { atMost: 1.5 });
  } finally {
    await observer.close();
    await server.stop();
  }
}

/** Leaves what a first run loads, and the history that is to be stored beside it. */
async function fill(databaseUrl: string, stored: typeof STORED): Promise<void> {
  const database = await open(databaseUrl);
  try {
    await migrate(database.sql);
    await runEtl(dependenciesOf(database), { trigger: "cron", ...WATCH });
    await storeHistory(database.sql, stored);
    await database.sql`vacuum analyze`;
  } finally {
    await database.close();
  }
}

/**
 * The database's share of one run in milliseconds, planning included. Over connections of its own, as
 * the pool replaces them within the hour between two runs.
 */
async function timeSteadyRun(observer: Sql, databaseUrl: string): Promise<number> {
  const database = await open(databaseUrl);
  try {
    await observer`select pg_stat_statements_reset()`;
    const report = await runEtl(dependenciesOf(database), { trigger: "cron", ...WATCH });
    const [{ ms }] = await observer<[{ ms: number }]>`
      select sum(s.total_plan_time + s.total_exec_time) as ms
      from pg_stat_statements s join pg_database d on d.oid = s.dbid
      where d.datname <> current_database()`;
    const asked = WATCH.symbols.length * WATCH.intervals.length;
    const isSteady = report.status === "ok" && report.steps.length === asked &&
      sumOf(report, "candlesInserted") === 0 && sumOf(report, "candlesUpdated") === 0;
    if (!isSteady) throw new Error(`The run should find nothing new: ${JSON.stringify(report)}`);
    return ms;
  } finally {
    await database.close();
  }
}

async function open(databaseUrl: string): Promise<Database> {
  return await openDatabase({ databaseUrl, dataDir: "unused" });
}

/** Candles without a hole that end where the series begins, or a year ago. */
async function storeHistory(sql: Sql, stored: typeof STORED): Promise<void> {
  if (stored.length === 0) return;
  await sql`
    insert into market.instruments (
      source, symbol, slug, name, kind, exchange, mic_code, exchange_timezone, created_at
    )
    select 'import', symbol, slug, name, kind, exchange, mic_code, exchange_timezone, created_at
    from market.instruments`;
  for (const { source, interval, candles } of stored) {
    const { count } = await sql`
      with series as (
        select i.id, market.interval_duration(${interval}) as duration,
          coalesce(w.oldest_at, ${NOW}::timestamptz - interval '365 days') as ends_at
        from market.instruments i
        left join market.watermarks w
          on w.instrument_id = i.id and w.candle_interval = ${interval}
        where i.source = ${source}
      ), watermark as (
        insert into market.watermarks (
          instrument_id, candle_interval, newest_final_at, oldest_at
        )
        select id, ${interval}, ends_at - duration, ends_at - ${candles} * duration from series
        on conflict (instrument_id, candle_interval) do update set oldest_at = excluded.oldest_at
      )
      insert into market.candles
      select s.id, ${interval}, s.ends_at - n * s.duration, price, price + 1, price - 1, price,
        n % 1000, true, 1, ${NOW}
      from series s
      cross join generate_series(${candles}::int, 1, -1) n
      cross join lateral (select (10000 + n % 97) * 0.01 as price) tick`;
    if (count !== WATCH.symbols.length * candles) throw new Error(`${count} candles are stored`);
  }
}
