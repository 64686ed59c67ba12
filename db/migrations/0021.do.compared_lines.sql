-- What the comparison page draws, in as many points as a chart can show, and how a typed text is likened
-- to a name.

create function market.is_shown_point(place bigint, places bigint, wanted_points integer)
returns boolean
language sql immutable parallel safe
return wanted_points is null or coalesce(
  place = 1
  -- Of the rest, cut into wanted_points - 1 even stretches, the last place of each.
  or (place - 2) * (greatest(wanted_points, 2) - 1) / nullif(places - 1, 0)
    <> (place - 1) * (greatest(wanted_points, 2) - 1) / nullif(places - 1, 0),
  true);
comment on function market.is_shown_point(bigint, bigint, integer) is
  'Whether the point at place (1 is the first) of so many is shown when at most wanted_points may be, at '
  'least 2: the first, and the last of each of wanted_points - 1 even stretches of the others, so that both '
  'ends are as they are. All of them when there are no more; null wanted_points limits nothing.';

create function market.common_window(
  wanted_instrument_ids integer[], wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns table (started_at timestamptz, ended_at timestamptz)
language sql stable parallel safe
as $$
  with series as materialized (
    select c.instrument_id, c.opened_at, c.close
    from market.all_candles c
    where c.instrument_id = any (wanted_instrument_ids)
      and c.candle_interval = wanted_interval
      and c.opened_at >= coalesce(wanted_from, '-infinity')
      and c.opened_at < coalesce(wanted_to, 'infinity')
      and c.is_final
  )
  select w.started_at, w.ended_at
  from (
    select
      min(common.opened_at) filter (where common.is_priced) as started_at,
      max(common.opened_at) as ended_at
    from (
      select s.opened_at, bool_and(s.close > 0) as is_priced
      from series s
      group by s.opened_at
      having count(*) = (select count(distinct a.instrument_id) from series a)
    ) common
  ) w
  where w.started_at is not null
$$;
comment on function market.common_window(
  integer[], market.candle_interval, timestamptz, timestamptz) is
  'The first instant in [wanted_from, wanted_to) at which all of the instruments have a final candle with '
  'a close above 0, and the last one at which all have a final candle, as they open: the window over '
  'which they can be compared. Instruments without a final candle there are left out; no row when the '
  'others have no such instant in common. A bound that is null bounds nothing.';

create function market.compared_lines(
  wanted_instrument_ids integer[], wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz, wanted_points integer
) returns table (instrument_id integer, opened_at timestamptz, value double precision)
language sql stable parallel safe
as $$
  with lines as materialized (
    select l.instrument_id, l.opened_at, l.value
    from market.rebased(wanted_instrument_ids, wanted_interval, wanted_from, wanted_to) l
  ),
  common as (
    select
      c.opened_at, row_number() over (order by c.opened_at) as place, count(*) over () as places
    from (
      select l.opened_at
      from lines l
      group by l.opened_at
      having count(*) = (select count(distinct a.instrument_id) from lines a)
    ) c
  )
  select l.instrument_id, l.opened_at, l.value
  from common c
  join lines l on l.opened_at = c.opened_at
  where market.is_shown_point(c.place, c.places, wanted_points)
$$;
comment on function market.compared_lines(
  integer[], market.candle_interval, timestamptz, timestamptz, integer) is
  'The lines of market.rebased() at the instants that all of them have, in at most wanted_points points '
  '(2 at least) for a chart: the first one, then the last value of each of as many even stretches, so '
  'that first and last are exact and no value is an average. Null wanted_points leaves nothing out.';

create function market.rolling_correlation_points(
  wanted_instrument_id integer, other_instrument_id integer,
  wanted_from timestamptz, wanted_to timestamptz, wanted_returns integer, wanted_points integer
) returns table (opened_at timestamptz, correlation double precision)
language sql stable parallel safe
as $$
  select p.opened_at, p.correlation
  from (
    select
      r.opened_at, r.correlation,
      row_number() over (order by r.opened_at) as place, count(*) over () as places
    from market.rolling_correlation(
      wanted_instrument_id, other_instrument_id, '1day',
      -- Two markets have more than half of all dates in common; hours, as a day of an interval is one of
      -- the connection's time zone.
      wanted_from - interval '24 hours' * (2 * wanted_returns + 10), wanted_to, wanted_returns) r
    where r.opened_at >= coalesce(wanted_from, '-infinity')
  ) p
  where market.is_shown_point(p.place, p.places, wanted_points)
$$;
comment on function market.rolling_correlation_points(
  integer, integer, timestamptz, timestamptz, integer, integer) is
  'market.rolling_correlation() of daily candles in [wanted_from, wanted_to), in at most wanted_points '
  'points as market.compared_lines() chooses them. Returns of up to 2 × wanted_returns + 10 days before '
  'the window are read, so that its first point has its returns too where they are stored.';

create function market.text_likeness(one text, other text)
returns double precision
language sql immutable parallel safe
return (
  select 2.0 * count(*) filter (where pairs.is_in_both) / nullif(sum(pairs.texts), 0)
  from (
    select count(*) as texts, count(*) > 1 as is_in_both
    from (
      select distinct 1, substr(' ' || lower(one) || ' ', at, 2) as pair
      from generate_series(1, length(one) + 1) at
      union all
      select distinct 2, substr(' ' || lower(other) || ' ', at, 2)
      from generate_series(1, length(other) + 1) at
    ) pair_of_text
    group by pair
  ) pairs
);
comment on function market.text_likeness(text, text) is
  'How alike two words are, 0 to 1, whatever their case: the share of pairs of neighbouring letters that '
  'they have in common, their ends counted as letters (Dice, 1945, on bigrams). 1 for the same word, 0.8 '
  'for AAPL and APPL.';
