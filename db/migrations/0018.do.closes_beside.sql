-- The closes of one instrument beside the candles of another, as a chart draws them into one time line.

create function market.closes_beside(
  wanted_instrument_id integer, other_instrument_id integer,
  wanted_interval market.candle_interval, wanted_from timestamptz, wanted_to timestamptz
) returns table (opened_at timestamptz, close double precision)
language sql stable parallel safe rows 500
as $$
  -- The candle before the first wanted one says since when a close counts for that.
  with bounds as materialized (
    select coalesce(
      (
        select max(c.opened_at)
        from market.all_candles c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
          and c.opened_at < wanted_from
      ),
      wanted_from, '-infinity'
    ) as begins_at
  ),
  own as materialized (
    select c.opened_at, known.known_at
    from market.all_candles c
    join market.instruments i on i.id = c.instrument_id
    -- A day, week or month is told by its date, and those of one date belong together, whichever
    -- market closes first; a shorter candle is known when it ends.
    cross join lateral (
      select case when wanted_interval in ('1day', '1week', '1month') then c.opened_at
        else market.candle_closes_at(
          wanted_interval, c.opened_at, i.exchange_timezone, i.session_closes) end as known_at
    ) known
    where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
      and c.opened_at >= (select b.begins_at from bounds b)
      and c.opened_at < coalesce(wanted_to, 'infinity')
  ),
  others as (
    select
      known.known_at,
      -- As in market.rebased().
      (
        case when c.spans_split then (
          select d.close
          from market.candles_adjusted d
          where d.instrument_id = c.instrument_id and d.candle_interval = '1day'
            and d.opened_at >= c.opened_at
            and d.opened_at < market.candle_closes_at(c.candle_interval, c.opened_at, null, null)
          order by d.opened_at desc
          limit 1
        ) else c.close end
      )::double precision as close
    from market.candles_adjusted c
    join market.instruments i on i.id = c.instrument_id
    cross join lateral (
      select case when wanted_interval in ('1day', '1week', '1month') then c.opened_at
        else market.candle_closes_at(
          wanted_interval, c.opened_at, i.exchange_timezone, i.session_closes) end as known_at
    ) known
    where c.instrument_id = other_instrument_id and c.candle_interval = wanted_interval
      -- The first own candle takes what was known since it opened.
      and c.opened_at > (select min(o.opened_at) from own o)
        - market.interval_duration(wanted_interval)
      and c.opened_at < coalesce(wanted_to, 'infinity')
  ),
  told as (
    select o.known_at, o.opened_at, null::double precision as close from own o
    union all
    select o.known_at, null, o.close from others o where o.close is not null
  ),
  -- A close belongs to the first own candle that ends with or after it.
  numbered as (
    select t.*,
      count(t.opened_at) over (
        order by t.known_at, t.opened_at nulls first rows between unbounded preceding and 1 preceding
      ) as candle_number
    from told t
  )
  select
    max(n.opened_at),
    (array_agg(n.close order by n.known_at desc) filter (where n.close is not null))[1]
  from numbered n
  group by n.candle_number
  having max(n.opened_at) >= coalesce(wanted_from, '-infinity')
  order by 1
$$;
comment on function market.closes_beside(
  integer, integer, market.candle_interval, timestamptz, timestamptz) is
  'One row per candle of the first instrument that opened in [wanted_from, wanted_to), ascending, with '
  'the newest close of the other instrument that became known after the candle before ended and not '
  'after this one ends (market.candle_closes_at); candles of a day or longer are matched by their dates '
  'in the same way. Null where the other one has no close in that time: nothing is carried on over its '
  'closed market. Closes are adjusted for splits as in market.rebased; a forming candle counts. A null '
  'bound bounds nothing.';
