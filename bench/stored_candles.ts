/** Millions of stored candles: 50 instruments whose history grows backwards, made by the server itself. */
import type { Sql } from "../db/connect.ts";
import { upsertInstrument } from "../db/instruments.ts";
import { syncTradingDays } from "../db/trading_days.ts";
import { inTransaction } from "../db/transaction.ts";
import { type InstrumentKind, slugOfSymbol } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { NOW } from "./simulated_run.ts";

/** How many candles are stored, about, and the column of {@linkcode GROUPS} that says since when. */
export const SIZES = ["1 million", "5 million", "25 million"] as const;
export type Size = typeof SIZES[number];

interface Group {
  kind: InstrumentKind;
  symbols: string[];
  /** Since when each interval is stored, at each of the sizes. */
  since: Partial<Record<Interval, [string, string, string]>>;
}

/** The same first date at every size. */
const always = (date: string): [string, string, string] => [date, date, date];

/**
 * What has the newest 500 candles of every interval at the smallest size already, fetched and rolled up
 * from different ones, so that more is only more history behind them.
 */
const GROUPS: Group[] = [
  {
    kind: "stock",
    symbols: Array.from({ length: 20 }, (_, i) => `HOUR${i + 1}`),
    since: { "1h": ["2025-11-20", "2021-11-20", "2016-11-20"], "1day": always("2001-01-01") },
  },
  {
    kind: "stock",
    symbols: Array.from({ length: 10 }, (_, i) => `MINUTE${i + 1}`),
    since: {
      "1min": ["2026-09-01", "2026-03-01", "2017-10-01"],
      "1day": always("2001-01-01"),
      "1month": always("1980-01-01"),
    },
  },
  {
    kind: "crypto",
    symbols: ["BTC/USD", "ETH/USD"],
    since: { "1min": ["2026-08-15", "2025-11-20", "2016-11-20"] },
  },
  {
    kind: "crypto",
    symbols: ["SOL/USD", "ADA/USD", "XRP/USD", "LTC/USD"],
    since: { "5min": ["2026-10-05", "2021-11-20", "2016-11-20"], "1day": always("2016-11-20") },
  },
  {
    kind: "crypto",
    symbols: ["DOT/USD", "DOGE/USD", "BCH/USD", "XLM/USD", "TRX/USD", "UNI/USD"],
    since: { "1h": ["2024-11-20", "2021-11-20", "2016-11-20"] },
  },
  {
    kind: "forex",
    symbols: [
      ...["EUR/USD", "GBP/USD", "USD/JPY", "USD/CHF", "AUD/USD", "NZD/USD", "USD/CAD", "EUR/GBP"],
    ],
    since: { "1h": ["2025-11-20", "2021-11-20", "2016-11-20"], "1day": always("2001-01-01") },
  },
];

/** Instruments are filled side by side by so many connections. */
const WORKERS = 2;

/** Stores the 50 instruments and the calendar. */
export async function storeInstruments(sql: Sql): Promise<void> {
  await syncTradingDays(sql, NOW);
  for (const { kind, symbols } of GROUPS) {
    for (const symbol of symbols) {
      const isStock = kind === "stock";
      await upsertInstrument(sql, {
        source: "simulator",
        symbol,
        slug: slugOfSymbol(symbol),
        name: null,
        kind,
        exchange: isStock ? "NASDAQ" : null,
        micCode: isStock ? "XNGS" : null,
        currency: isStock ? "USD" : null,
        currencyBase: null,
        currencyQuote: null,
        exchangeTimezone: isStock ? "America/New_York" : null,
        sessionCloses: isStock ? "16:00" : null,
      }, NOW);
    }
  }
}

/** What is stored, indexes included in the bytes. */
export interface Stored {
  candles: number;
  rollups: number;
  bytes: number;
}

/** Adds the history that `size` has and the size before it has not, and rolls it up. */
export async function growTo(sql: Sql, size: Size): Promise<Stored> {
  const instruments = await sql<{ id: number; symbol: string }[]>`
    select id, symbol from market.instruments order by id`;
  const ids = new Map(instruments.map(({ id, symbol }) => [symbol, id]));
  const work = GROUPS.flatMap(({ symbols, since }) => {
    return symbols.map((symbol) => ({ id: ids.get(symbol)!, since: Object.entries(since) }));
  });
  // What has most minutes last would be waited for alone.
  const queue = work.toSorted((a, b) => Number("1min" in b.since) - Number("1min" in a.since));
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      for (const [interval, dates] of next.since) {
        const from = dates[SIZES.indexOf(size)]!;
        const until = dates[SIZES.indexOf(size) - 1];
        if (from !== until) await storeHistory(sql, next.id, interval, { from, until });
      }
      await sql`select market.rebuild_rollups(${next.id}::integer)`;
    }
  }));
  await sql`vacuum analyze`;
  const [stored] = await sql<[Stored]>`
    select
      (select count(*) from market.candles) as candles,
      (select count(*) from market.rollups) as rollups,
      pg_total_relation_size('market.candles') + pg_total_relation_size('market.rollups') as bytes`;
  return stored;
}

/**
 * Stores every candle that the calendar promises from a date to another one, or to the newest, and the
 * watermark. Prices are a formula of the time and so need neither order nor memory; each candle opens
 * where the one before it closed.
 */
async function storeHistory(
  sql: Sql,
  instrumentId: number,
  interval: string,
  { from, until = NOW.toISOString() }: { from: string; until: string | undefined },
): Promise<void> {
  const price = (at: "t" | "t_end") => {
    const t = sql(at);
    return sql`base * exp(0.3 * sin(${t} / 1e7 + id) + 0.1 * sin(${t} / 1.1e6 + 2 * id)
      + 0.02 * sin(${t} / 9.3e4 + 3 * id) + 0.001 * hashint8(${t}::bigint * 64 + id) / 2147483648)`;
  };
  await inTransaction(sql, async (tx) => {
    // The key to the instrument is checked row by row otherwise, which takes as long again.
    await tx`set local session_replication_role = replica`;
    await tx`
      insert into market.candles (
        instrument_id, candle_interval, opened_at, open, high, low, close, volume, is_final, run_id,
        loaded_at
      )
      select
        id, ${interval}, opened_at, open,
        round(greatest(open, close) * (1 + (noise & 255) * 0.000004), decimals),
        round(least(open, close) * (1 - (noise >> 8 & 255) * 0.000004), decimals),
        close, case kind when 'stock' then 1000 + (noise & 65535) end,
        opened_at + duration <= ${NOW}, 1, ${NOW}
      from (
        select *, round(${price("t")}::numeric, decimals) as open,
          round(${price("t_end")}::numeric, decimals) as close, hashint8(t::bigint) as noise
        from (
          select
            i.id, i.kind, e.opened_at, duration, extract(epoch from e.opened_at)::float8 as t,
            extract(epoch from e.opened_at + duration)::float8 as t_end,
            case i.kind when 'stock' then 150 when 'crypto' then 3000 else 1.2 end as base,
            case i.kind when 'forex' then 5 else 2 end as decimals
          from market.instruments i
          cross join market.interval_duration(${interval}) duration
          cross join market.expected_candles(
            -- The calendar of stocks begins in 2001; months are the same in any.
            case when ${interval} = '1month' then 'round_the_clock'
              else market.session_name(i.kind, i.exchange_timezone) end,
            ${interval}, ${from}, ${until}
          ) e
          where i.id = ${instrumentId}
        ) slot
        -- Each price is computed once.
        offset 0
      ) candle`;
    await tx`
      insert into market.watermarks (instrument_id, candle_interval, newest_final_at, oldest_at)
      select ${instrumentId}, ${interval}, max(opened_at), min(opened_at)
      from market.candles
      where instrument_id = ${instrumentId} and candle_interval = ${interval} and is_final
      on conflict (instrument_id, candle_interval) do update set oldest_at = excluded.oldest_at`;
  });
}
