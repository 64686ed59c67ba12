-- What the comparison page asks for beside the lines of 0020, and how a typed text is likened to a name.

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
