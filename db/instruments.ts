/** Instruments in the database. */
import type { Instrument, Source } from "../market/instrument.ts";
import type { Sql } from "./connect.ts";

/** What a load knows of an instrument. */
export interface InstrumentInput extends Omit<Instrument, "id" | "isActive"> {
  /** Local time of the session's end, `16:00`; null when trading has no daily close. */
  sessionCloses: string | null;
}

const columns = (sql: Sql) =>
  sql`id, source, symbol, slug, name, kind, exchange, mic_code, currency, currency_base,
    currency_quote, exchange_timezone, is_active`;

/**
 * Stores what the provider says of an instrument; a property that it no longer says stays as it was.
 * Nothing is written when nothing changed.
 */
export async function upsertInstrument(
  sql: Sql,
  input: InstrumentInput,
  now: Date,
): Promise<Instrument> {
  await sql`
    insert into market.instruments as i (
      source, symbol, slug, name, kind, exchange, mic_code, currency, currency_base,
      currency_quote, exchange_timezone, session_closes, created_at
    ) values (
      ${input.source}, ${input.symbol}, ${input.slug}, ${input.name}, ${input.kind},
      ${input.exchange}, ${input.micCode}, ${input.currency}, ${input.currencyBase},
      ${input.currencyQuote}, ${input.exchangeTimezone}, ${input.sessionCloses}, ${now}
    )
    on conflict (source, symbol) do update set
      name = coalesce(excluded.name, i.name),
      kind = excluded.kind,
      exchange = coalesce(excluded.exchange, i.exchange),
      mic_code = coalesce(excluded.mic_code, i.mic_code),
      currency = coalesce(excluded.currency, i.currency),
      currency_base = coalesce(excluded.currency_base, i.currency_base),
      currency_quote = coalesce(excluded.currency_quote, i.currency_quote),
      exchange_timezone = coalesce(excluded.exchange_timezone, i.exchange_timezone),
      session_closes = coalesce(excluded.session_closes, i.session_closes)
    where (
      i.name, i.kind, i.exchange, i.mic_code, i.currency, i.currency_base, i.currency_quote,
      i.exchange_timezone, i.session_closes
    ) is distinct from (
      coalesce(excluded.name, i.name), excluded.kind, coalesce(excluded.exchange, i.exchange),
      coalesce(excluded.mic_code, i.mic_code), coalesce(excluded.currency, i.currency),
      coalesce(excluded.currency_base, i.currency_base),
      coalesce(excluded.currency_quote, i.currency_quote),
      coalesce(excluded.exchange_timezone, i.exchange_timezone),
      coalesce(excluded.session_closes, i.session_closes)
    )`;
  const instrument = await getInstrumentBySymbol(sql, input.source, input.symbol);
  if (!instrument) throw new Error(`The instrument ${input.symbol} vanished while it was stored`);
  return instrument;
}

/** Says what people call an instrument. */
export async function nameInstrument(sql: Sql, id: number, name: string): Promise<void> {
  await sql`update market.instruments set name = ${name} where id = ${id}`;
}

/** Every active instrument of a source, by symbol. */
export async function listInstruments(sql: Sql, source: Source): Promise<Instrument[]> {
  return await sql<Instrument[]>`
    select ${columns(sql)} from market.instruments
    where source = ${source} and is_active order by symbol`;
}

export async function getInstrumentBySymbol(
  sql: Sql,
  source: Source,
  symbol: string,
): Promise<Instrument | null> {
  const [row] = await sql<Instrument[]>`
    select ${columns(sql)} from market.instruments
    where source = ${source} and symbol = ${symbol}`;
  return row ?? null;
}

export async function getInstrumentBySlug(
  sql: Sql,
  source: Source,
  slug: string,
): Promise<Instrument | null> {
  const [row] = await sql<Instrument[]>`
    select ${columns(sql)} from market.instruments
    where source = ${source} and slug = ${slug}`;
  return row ?? null;
}

/** Instruments whose symbol, slug or name holds the text or begins alike, the likeliest first. */
export async function findSimilarInstruments(
  sql: Sql,
  source: Source,
  text: string,
  limit: number,
): Promise<Instrument[]> {
  return await sql<Instrument[]>`
    select ${columns(sql)}
    from market.instruments
    cross join lateral (
      select
        position(lower(${text}) in lower(symbol || ' ' || slug || ' ' || coalesce(name, ''))) > 0
          as holds_text,
        lower(left(symbol, 1)) = lower(left(${text}, 1)) as begins_alike
    ) likeness
    where source = ${source} and is_active and (holds_text or begins_alike)
    order by holds_text desc, begins_alike desc, symbol
    limit ${limit}`;
}
