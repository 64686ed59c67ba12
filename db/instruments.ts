/** Instruments in the database. */
import type { Instrument, Source } from "../market/instrument.ts";
import type { Sql } from "./connect.ts";

/** What a load knows of an instrument. */
export interface InstrumentInput extends Omit<Instrument, "id" | "isActive" | "pinnedMicCode"> {
  /** Local time of the session's end, `16:00`; null when trading has no daily close. */
  sessionCloses: string | null;
  /** Pins the listing from now on; without it, it stays pinned or free as it was. */
  pinnedMicCode?: string;
}

/** The columns of an {@linkcode Instrument}. */
export const columns = (sql: Sql) =>
  sql`id, source, symbol, slug, name, kind, exchange, mic_code, currency, currency_base,
    currency_quote, exchange_timezone, pinned_mic_code, is_active`;

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
      currency_quote, exchange_timezone, session_closes, pinned_mic_code, created_at
    ) values (
      ${input.source}, ${input.symbol}, ${input.slug}, ${input.name}, ${input.kind},
      ${input.exchange}, ${input.micCode}, ${input.currency}, ${input.currencyBase},
      ${input.currencyQuote}, ${input.exchangeTimezone}, ${input.sessionCloses},
      ${input.pinnedMicCode ?? null}, ${now}
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
      session_closes = coalesce(excluded.session_closes, i.session_closes),
      pinned_mic_code = coalesce(excluded.pinned_mic_code, i.pinned_mic_code)
    where (
      i.name, i.kind, i.exchange, i.mic_code, i.currency, i.currency_base, i.currency_quote,
      i.exchange_timezone, i.session_closes, i.pinned_mic_code
    ) is distinct from (
      coalesce(excluded.name, i.name), excluded.kind, coalesce(excluded.exchange, i.exchange),
      coalesce(excluded.mic_code, i.mic_code), coalesce(excluded.currency, i.currency),
      coalesce(excluded.currency_base, i.currency_base),
      coalesce(excluded.currency_quote, i.currency_quote),
      coalesce(excluded.exchange_timezone, i.exchange_timezone),
      coalesce(excluded.session_closes, i.session_closes),
      coalesce(excluded.pinned_mic_code, i.pinned_mic_code)
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

/** What a scheduled run loads. */
export interface WatchlistEntry {
  symbol: string;
  /** Null when nothing of it was ever loaded or added. */
  instrument: Instrument | null;
  /** The listing that every request must name (ISO 10383); null: the provider chooses. */
  pinnedMicCode: string | null;
}

/**
 * The symbols of the settings in their order, then every other active instrument of the source by
 * symbol. A deactivated one stays out though the settings name it.
 */
export async function listWatchlist(
  sql: Sql,
  source: Source,
  symbols: string[],
): Promise<WatchlistEntry[]> {
  const instruments = await sql<Instrument[]>`
    select ${columns(sql)} from market.instruments
    where source = ${source} and (is_active or symbol = any(${symbols}::text[]))
    order by symbol`;
  const known = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
  return [...new Set([...symbols, ...known.keys()])].flatMap((symbol) => {
    const instrument = known.get(symbol) ?? null;
    if (instrument?.isActive === false) return [];
    return [{ symbol, instrument, pinnedMicCode: instrument?.pinnedMicCode ?? null }];
  });
}

/**
 * Activates or deactivates instruments by symbol, whatever its case; their candles stay.
 *
 * @returns every instrument that is meant, as it is now, and whether this changed it.
 */
export async function setActive(
  sql: Sql,
  source: Source,
  symbols: string[],
  isActive: boolean,
): Promise<{ symbol: string; isActive: boolean; isChanged: boolean }[]> {
  return await sql<{ symbol: string; isActive: boolean; isChanged: boolean }[]>`
    with meant as (
      select id, symbol, is_active from market.instruments
      where source = ${source}
        and lower(symbol) in (select lower(wanted) from unnest(${symbols}::text[]) wanted)
    ), changed as (
      update market.instruments i set is_active = ${isActive}
      from meant where i.id = meant.id and meant.is_active <> ${isActive}
    )
    select symbol, ${isActive}::boolean as is_active, is_active <> ${isActive} as is_changed
    from meant order by symbol`;
}
