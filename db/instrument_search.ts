/** What a person means by a typed text. */
import type { Instrument, Source } from "../market/instrument.ts";
import type { Sql } from "./connect.ts";
import { columns } from "./instruments.ts";

/** An instrument that a text may mean. */
export interface FoundInstrument extends Instrument {
  /** Whether the text is its symbol, whatever the case and the signs between: `btcusd`, `btc-usd`. */
  isExact: boolean;
}

/**
 * Instruments that `text` may mean, the likeliest first: its symbol, the begin of its symbol, the
 * begin of a word of its name, a part of any; where no instrument has these, words spelt alike.
 *
 * @param isActive of which to find some; null of all
 */
export async function searchInstruments(
  sql: Sql,
  source: Source,
  text: string,
  limit: number,
  { isActive = true }: { isActive?: boolean | null } = {},
): Promise<FoundInstrument[]> {
  const isMeant = sql`i.source = ${source}
    and ${isActive === null ? sql`true` : sql`i.is_active = ${isActive}`}`;
  // starts_with() and position() know no wildcards, so that a % is a %.
  return await sql<FoundInstrument[]>`
    with wanted as (
      select
        lower(${text}) as words,
        regexp_replace(lower(${text}), '[^[:alnum:]]', '', 'g') as letters
    ), ranked as materialized (
      select
        i.id,
        case
          when lower(i.symbol) = w.words or s.letters = w.letters and w.letters <> '' then 1
          when starts_with(lower(i.symbol), w.words)
            or starts_with(s.letters, w.letters) and w.letters <> '' then 2
          when position(' ' || w.words in s.name_words) > 0 then 3
          when position(w.words in lower(i.symbol) || s.name_words) > 0 then 4
        end as place
      from market.instruments i
      cross join wanted w
      cross join lateral (
        select
          regexp_replace(lower(i.symbol), '[^[:alnum:]]', '', 'g') as letters,
          ' ' || lower(coalesce(i.name, '')) as name_words
      ) s
      where ${isMeant}
    ), alike as (
      select i.id, 6 - a.likeness as place
      from market.instruments i
      cross join lateral (
        select max(market.text_likeness(left(${text}, 40), word)) as likeness
        from regexp_split_to_table(i.symbol || ' ' || coalesce(i.name, ''), '[^[:alnum:]]+') word
        -- Of a shorter one, the ends are most of it.
        where length(word) >= 3
      ) a
      where ${isMeant} and a.likeness >= 0.4
        and not exists (select from ranked r where r.place is not null)
    )
    select ${columns(sql)}, place = 1 as is_exact
    from (select * from ranked where place is not null union all select * from alike) found
    join market.instruments using (id)
    order by place, is_active desc, length(symbol), symbol
    limit ${limit}`;
}

/** The instruments of slugs or symbols, in the order in which they are named; null for an unknown one. */
export async function findInstruments(
  sql: Sql,
  source: Source,
  names: string[],
): Promise<(Instrument | null)[]> {
  const rows = await sql<(Instrument & { place: number })[]>`
    select distinct on (n.place) ${columns(sql)}, n.place::integer as place
    from unnest(${names}::text[]) with ordinality n (wanted, place)
    join market.instruments on source = ${source}
      and (lower(slug) = lower(n.wanted) or lower(symbol) = lower(n.wanted))
    -- As it is written before what differs in case.
    order by n.place, slug = n.wanted desc, symbol = n.wanted desc, id`;
  const found = new Map(rows.map(({ place, ...instrument }) => [place, instrument]));
  return names.map((_, index) => found.get(index + 1) ?? null);
}
