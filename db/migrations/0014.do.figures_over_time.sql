-- The figures of one instrument, over real time and over its daily candles. All prices are at the level
-- of today, as in market.candles_adjusted, so that a split is no fall.

-- It adds an interval to a timestamptz, which PostgreSQL calls stable: called by its name, the planner
-- puts it in place of the call, which is many times faster.
alter function market.candle_closes_at(market.candle_interval, timestamptz, text, time) stable;

create function market.ended_opened_before(
  wanted market.candle_interval, at timestamptz, exchange_timezone text, session_closes time
) returns timestamptz
language sql stable parallel safe
return case
  when wanted = '1month' then date_trunc('month', at at time zone 'UTC') at time zone 'UTC'
  when wanted = '1week' or session_closes is null or exchange_timezone is null then
    at - market.interval_duration(wanted) + interval '1 microsecond'
  -- The last date whose session has closed, and a day.
  when wanted = '1day' then
    (((at at time zone exchange_timezone) - session_closes)::date + 1)::timestamp at time zone 'UTC'
  else greatest(
    at - market.interval_duration(wanted) + interval '1 microsecond',
    (((at at time zone exchange_timezone) - session_closes)::date + 1)::timestamp
      at time zone exchange_timezone
  )
end;
comment on function market.ended_opened_before(market.candle_interval, timestamptz, text, time) is
  'The other way round than candle_closes_at(): the candles that had ended by an instant are those that '
  'opened before this one. Computed once per question, and not once per candle.';

create function market.change_percent(before numeric, after numeric) returns double precision
language sql immutable parallel safe
return (100 * (after - before) / nullif(before, 0))::double precision;
comment on function market.change_percent(numeric, numeric) is
  'The change from one price to a later one in per cent, 100 (after - before) / before; null when one is '
  'null or the first is 0.';

create function market.periods_per_year(kind text) returns integer
language sql immutable parallel safe
return case kind when 'crypto' then 365 when 'forex' then 260 when 'commodity' then 260 else 252 end;
comment on function market.periods_per_year(text) is
  'How many daily returns a year has, to annualise by: 365 of a market that never closes (crypto), 260 '
  'of one that trades on weekdays (forex, commodity), 252 of an exchange''s (stock, etf, index).';

create view market.fetched_intervals as
select
  w.instrument_id,
  array_agg(w.candle_interval order by market.interval_duration(w.candle_interval)) as intervals
from market.watermarks w
group by w.instrument_id;
comment on view market.fetched_intervals is
  'One row per instrument with the intervals that the provider was asked for. What is rolled up is made '
  'of their candles and so knows no newer price.';
comment on column market.fetched_intervals.instrument_id is 'The instrument.';
comment on column market.fetched_intervals.intervals is 'The intervals, shortest first.';

create function market.newest_known_candle(
  wanted_instrument_id integer, wanted_interval market.candle_interval, opened_after timestamptz,
  at timestamptz, exchange_timezone text, session_closes time
) returns table (opened_at timestamptz, close numeric, is_final boolean, loaded_at timestamptz)
-- One select and nothing else, here and below, so that the planner puts it in place of the call.
language sql stable parallel safe
as $$
  select newest.opened_at, newest.close, newest.is_final, newest.loaded_at
  from (
    select market.ended_opened_before(
      wanted_interval, at, exchange_timezone, session_closes) as opened_before
    -- Once, and not for each candle.
    offset 0
  ) ended
  cross join lateral (
    select c.opened_at, c.close, c.is_final, c.loaded_at
    from market.candles c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
      and c.opened_at > opened_after and c.opened_at <= at
      and (c.opened_at < ended.opened_before or c.loaded_at <= at)
    order by c.opened_at desc
    limit 1
  ) newest
$$;
comment on function market.newest_known_candle(
  integer, market.candle_interval, timestamptz, timestamptz, text, time) is
  'The newest fetched candle of a series that had ended by an instant, or had been loaded by then while '
  'it formed, as it is stored; of those that opened after opened_after.';

create function market.known_price(
  wanted_instrument_id integer, wanted_intervals market.candle_interval[],
  exchange_timezone text, session_closes time, has_splits boolean, at timestamptz
) returns table (
  price numeric, priced_at timestamptz, is_forming boolean,
  candle_interval market.candle_interval, opened_at timestamptz
)
language sql stable parallel safe
as $$
  select
    coalesce(adjusted.price, known.close),
    least(
      market.candle_closes_at(
        known.candle_interval, known.opened_at, exchange_timezone, session_closes),
      known.loaded_at
    ),
    not known.is_final, known.candle_interval, known.opened_at
  from (
    -- The second is asked only when the first has no row: an append reads its branches in turn, and
    -- stops. A rank to order them by would make a sort or a merge of it, which always reads both.
    (
      -- Where the shortest interval reaches the instant the search ends: longer candles open earlier.
      select wanted_intervals[1] as candle_interval, c.opened_at, c.close, c.is_final, c.loaded_at
      from market.newest_known_candle(
        wanted_instrument_id, wanted_intervals[1],
        at - 2 * market.interval_duration(wanted_intervals[1]),
        at, exchange_timezone, session_closes) c
    )
    union all
    (
      select series.candle_interval, c.opened_at, c.close, c.is_final, c.loaded_at
      from (select unnest(wanted_intervals) as candle_interval) series
      cross join lateral market.newest_known_candle(
        wanted_instrument_id, series.candle_interval, '-infinity',
        at, exchange_timezone, session_closes) c
      -- Where the market has a daily close a day is as new as that, on half days by the calendar, and
      -- no older than an hour of its date; an hour that ends with the session is shorter. Weeks and
      -- months end after their last session, and count as they open.
      order by
        case
          when not c.is_final or session_closes is null
            or series.candle_interval in ('1week', '1month') then c.opened_at
          else least(
            market.candle_closes_at(
              series.candle_interval, c.opened_at, exchange_timezone, session_closes),
            case series.candle_interval when '1day' then (
              select t.closes_at
              from market.trading_days t
              where t.session_name = market.session_name('stock', exchange_timezone)
                and t.traded_on = (c.opened_at at time zone 'UTC')::date
            ) end
          )
        end desc,
        market.interval_duration(series.candle_interval)
      limit 1
    )
    limit 1
  ) known
  left join lateral (
    select market.scaled(known.close, l.numerator, l.denominator) as price
    from market.price_levels l
    where has_splits and l.instrument_id = wanted_instrument_id
      and known.opened_at < case when known.candle_interval in ('1day', '1week', '1month')
        then l.ends_on::timestamp at time zone 'UTC' else l.ends_at end
      and known.opened_at >= coalesce(
        case when known.candle_interval in ('1day', '1week', '1month')
          then l.starts_on::timestamp at time zone 'UTC' else l.starts_at end, '-infinity')
  ) adjusted on true
$$;
comment on function
  market.known_price(integer, market.candle_interval[], text, time, boolean, timestamptz) is
  'market.price_at() for who has the instrument''s row and its fetched_intervals already, with the candle '
  'that the price is from. has_splits may be true where there are none.';

create or replace function market.price_at(wanted_instrument_id integer, at timestamptz)
returns table (price numeric, priced_at timestamptz, is_forming boolean)
language sql stable parallel safe
as $$
  select p.price, p.priced_at, p.is_forming
  from market.instruments i
  join market.fetched_intervals f on f.instrument_id = i.id
  cross join lateral market.known_price(
    i.id, f.intervals, i.exchange_timezone, i.session_closes, true, at) p
  where i.id = wanted_instrument_id
$$;
comment on function market.price_at(integer, timestamptz) is
  'The last price known at an instant, at the level of today, and since when: the close of the newest '
  'candle of any interval that had ended by then, or of the forming one that had been loaded by then. '
  'The newest is the one that opened last; where the market has a daily close, the final candle of a day '
  'or shorter that ended last. Of equal ones the shortest. No row when none had.';

-- Their columns change; nothing asks for the last.
drop function market.overview(market.source, timestamptz);
drop function market.figures(integer, timestamptz);
drop function market.price_changes(integer, timestamptz);
drop function market.finest_interval(integer, interval);

create function market.price_changes(wanted_instrument_id integer, as_of timestamptz)
returns table (
  price numeric, priced_at timestamptz, price_age interval, is_forming boolean,
  candle_interval market.candle_interval, opened_at timestamptz,
  change_1h numeric, change_1h_percent double precision,
  change_24h numeric, change_24h_percent double precision,
  change_7d numeric, change_7d_percent double precision,
  change_30d numeric, change_30d_percent double precision,
  change_ytd numeric, change_ytd_percent double precision,
  change_1y numeric, change_1y_percent double precision
)
language sql stable parallel safe
as $$
  select
    latest.price, latest.priced_at, as_of - latest.priced_at, latest.is_forming,
    latest.candle_interval, latest.opened_at,
    latest.price - before.prices[1], market.change_percent(before.prices[1], latest.price),
    latest.price - before.prices[2], market.change_percent(before.prices[2], latest.price),
    latest.price - before.prices[3], market.change_percent(before.prices[3], latest.price),
    latest.price - before.prices[4], market.change_percent(before.prices[4], latest.price),
    latest.price - before.prices[5], market.change_percent(before.prices[5], latest.price),
    latest.price - before.prices[6], market.change_percent(before.prices[6], latest.price)
  from (
    select
      i.id, i.exchange_timezone, i.session_closes, f.intervals,
      case i.kind when 'crypto' then 'UTC' else coalesce(i.exchange_timezone, 'UTC') end as zone,
      exists (select from market.splits s where s.instrument_id = i.id) as has_splits
    from market.instruments i
    join market.fetched_intervals f on f.instrument_id = i.id
    where i.id = wanted_instrument_id
    -- Each of these is computed once.
    offset 0
  ) i
  cross join lateral market.known_price(
    i.id, i.intervals, i.exchange_timezone, i.session_closes, i.has_splits, as_of) latest
  cross join lateral (
    select array(
      -- A longer candle tells of more than the span.
      select case when market.interval_duration(p.candle_interval) <= span.longest then p.price end
      from (
        values
          (1, latest.priced_at - interval '1 hour', interval '1 hour'),
          (2, latest.priced_at - interval '24 hours', interval '24 hours'),
          -- The same time of the day, also where the clock has changed since.
          (3, ((latest.priced_at at time zone i.zone) - interval '7 days') at time zone i.zone,
            interval '168 hours'),
          (4, ((latest.priced_at at time zone i.zone) - interval '30 days') at time zone i.zone,
            interval '744 hours'),
          -- The later of the two midnights: by then the candles of the old year have ended at the
          -- exchange and on the calendar, and nothing has traded in the new one.
          (5, greatest(
            date_trunc('year', latest.priced_at at time zone i.zone) at time zone i.zone,
            date_trunc('year', latest.priced_at at time zone i.zone) at time zone 'UTC'
          ), interval '744 hours'),
          (6, ((latest.priced_at at time zone i.zone) - interval '1 year') at time zone i.zone,
            interval '744 hours')
      ) span (number, at, longest)
      left join lateral market.known_price(
        i.id, i.intervals, i.exchange_timezone, i.session_closes, i.has_splits, span.at) p on true
      order by span.number
    ) as prices
    offset 0
  ) before
$$;
comment on function market.price_changes(integer, timestamptz) is
  'The latest price at an instant, its age, the candle that it is from, and its change over the hour, '
  '24 hours of real time before it, the 7 days, 30 days and the year before it on the clock of the '
  'exchange (an hour more or less where it was put forward or back), and since the last price of the '
  'year before its own there (UTC for crypto and where no zone is known), in currency and in per cent; '
  'null where no price is known that long before, or only one of a candle that is longer than the span '
  '(7 days: a week; 30 days and more: a month). A year before 29 February is 28 February. No row when no '
  'price is known.';

create function market.last_24_hours(
  wanted_instrument_id integer, finest market.candle_interval, newest_opened_at timestamptz,
  priced_at timestamptz
) returns table (
  high numeric, low numeric, volume numeric, turnover numeric,
  high_opened_at timestamptz, low_opened_at timestamptz
)
language sql stable parallel safe
as $$
  select
    greatest(hours.high, edges.high), least(hours.low, edges.low),
    case when hours.unreported + edges.unreported = 0
      then coalesce(hours.volume + edges.volume, hours.volume, edges.volume) end,
    case when hours.unreported + edges.unreported = 0 then
      trim_scale(round(coalesce(hours.turnover + edges.turnover, hours.turnover, edges.turnover) / 3, 8))
    end,
    case when hours.high > edges.high or edges.high is null then hours.high_at
      when edges.high > hours.high or hours.high is null then edges.high_at
      else least(hours.high_at, edges.high_at) end,
    case when hours.low < edges.low or edges.low is null then hours.low_at
      when edges.low < hours.low or hours.low is null then edges.low_at
      else least(hours.low_at, edges.low_at) end
  from (
    select
      max(c.high) as high, min(c.low) as low, sum(c.volume) as volume,
      sum(c.volume * (c.high + c.low + c.close)) as turnover,
      count(*) - count(c.volume) as unreported,
      (array_agg(c.opened_at order by c.high desc, c.opened_at))[1] as high_at,
      (array_agg(c.opened_at order by c.low, c.opened_at))[1] as low_at,
      min(c.opened_at) as first_at, max(c.opened_at) as last_at
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = '1h' and c.is_final
      and c.opened_at >= priced_at - interval '24 hours'
      and c.opened_at <= priced_at - interval '1 hour'
  ) hours
  -- Whole hours, and shorter candles only where there are none: before the first and after the last.
  cross join lateral (
    select
      max(c.high) as high, min(c.low) as low, sum(c.volume) as volume,
      sum(c.volume * (c.high + c.low + c.close)) as turnover,
      count(*) - count(c.volume) as unreported,
      (array_agg(c.opened_at order by c.high desc, c.opened_at))[1] as high_at,
      (array_agg(c.opened_at order by c.low, c.opened_at))[1] as low_at
    from (
      select c.opened_at, c.high, c.low, c.close, c.volume
      from market.candles_adjusted c
      where c.instrument_id = wanted_instrument_id and c.candle_interval = finest
        and c.opened_at >= priced_at - interval '24 hours' and c.opened_at < hours.first_at
      union all
      select c.opened_at, c.high, c.low, c.close, c.volume
      from market.candles_adjusted c
      where c.instrument_id = wanted_instrument_id and c.candle_interval = finest
        and c.opened_at >= coalesce(
          hours.last_at + interval '1 hour', priced_at - interval '24 hours')
        and c.opened_at <= newest_opened_at
    ) c
  ) edges
  where market.interval_duration(finest) <= interval '1 hour'
$$;
comment on function market.last_24_hours(integer, market.candle_interval, timestamptz, timestamptz) is
  'High, low, units traded and money traded of the 24 hours before a price, given the interval and the '
  'opening of the candle that it is from (market.price_changes()): of the candles that opened in them. '
  'Money is estimated as the sum of volume × (high + low + close) / 3 of candles of an hour or shorter, '
  'in the currency of the price, to 8 decimals. Volume and money are null when one of the volumes is '
  'not reported. Beside high and low, when the first candle with each opened. No row for a price of a '
  'candle longer than an hour.';

create function market.figures(wanted_instrument_id integer, as_of timestamptz)
returns table (
  price numeric, priced_at timestamptz, price_age interval, is_forming boolean,
  change_1h numeric, change_1h_percent double precision,
  change_24h numeric, change_24h_percent double precision,
  change_7d numeric, change_7d_percent double precision,
  change_30d numeric, change_30d_percent double precision,
  change_ytd numeric, change_ytd_percent double precision,
  change_1y numeric, change_1y_percent double precision,
  high_24h numeric, low_24h numeric, volume_24h numeric, turnover_24h numeric,
  high_52w numeric, low_52w numeric,
  all_time_high numeric, all_time_high_on date, all_time_low numeric, all_time_low_on date,
  average_daily_volume_30d numeric, first_candle_at timestamptz
)
-- One plan, kept with the session and not compiled: to make or to compile it takes longer than to run
-- it.
language plpgsql stable parallel safe
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  with latest as materialized (
    select p.*
    from market.price_changes(wanted_instrument_id, as_of) p
  ), day as materialized (
    select
      d.*,
      market.trading_date(d.high_opened_at, i.session_name, i.exchange_timezone) as high_on,
      market.trading_date(d.low_opened_at, i.session_name, i.exchange_timezone) as low_on
    from latest p
    join (
      select i.id, i.exchange_timezone,
        market.session_name(i.kind, i.exchange_timezone) as session_name
      from market.instruments i
    ) i on i.id = wanted_instrument_id
    cross join lateral market.last_24_hours(i.id, p.candle_interval, p.opened_at, p.priced_at) d
  ), daily as materialized (
    select c.opened_at, c.high, c.low, c.volume, c.is_final
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = '1day'
      and c.opened_at <= (
        select newest.opened_at
        from market.instruments i
        cross join lateral (
          select d.opened_at
          from market.all_candles d
          where d.instrument_id = i.id and d.candle_interval = '1day' and d.opened_at <= as_of
            and (d.loaded_at <= as_of or d.opened_at < market.ended_opened_before(
              '1day', as_of, i.exchange_timezone, i.session_closes))
          order by d.opened_at desc
          limit 1
        ) newest
        where i.id = wanted_instrument_id
      )
  ), stored as materialized (
    select (d.opened_at at time zone 'UTC')::date as dated, d.high, d.low
    from daily d
    union all
    select (c.opened_at at time zone 'UTC')::date, c.high, c.low
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval in ('1week', '1month')
      and not c.spans_split
      and market.candle_closes_at(c.candle_interval, c.opened_at, null, null)
        <= coalesce((select min(d.opened_at) from daily d), as_of)
  ), extremes as materialized (
    select s.dated, s.high, s.low from stored s
    union all
    -- A daily candle may have been loaded before the hour that its high is in.
    select extreme.dated, extreme.high, extreme.low
    from day d
    cross join lateral (
      values (d.high_on, d.high, null::numeric), (d.low_on, null, d.low)
    ) extreme (dated, high, low)
    where exists (select from stored)
  )
  select
    p.price, p.priced_at, p.price_age, p.is_forming,
    p.change_1h, p.change_1h_percent, p.change_24h, p.change_24h_percent,
    p.change_7d, p.change_7d_percent, p.change_30d, p.change_30d_percent,
    p.change_ytd, p.change_ytd_percent, p.change_1y, p.change_1y_percent,
    day.high, day.low, day.volume, day.turnover,
    case when year.high is not null then greatest(year.high, day.high) end,
    case when year.low is not null then least(year.low, day.low) end,
    highest.high, highest.dated, lowest.low, lowest.dated,
    month.volume, w.oldest_at
  from (
    select min(w.oldest_at) as oldest_at
    from market.watermarks w
    where w.instrument_id = wanted_instrument_id
  ) w
  left join latest p on true
  left join day on true
  left join lateral (
    select max(d.high) as high, min(d.low) as low
    from daily d
    where d.opened_at > p.priced_at - interval '8736 hours'
  ) year on true
  left join lateral (
    select trim_scale(round(avg(d.volume), 8)) as volume
    from daily d
    where d.is_final and d.opened_at > p.priced_at - interval '720 hours'
  ) month on true
  left join lateral (
    select e.dated, e.high from extremes e order by e.high desc nulls last, e.dated limit 1
  ) highest on true
  left join lateral (
    select e.dated, e.low from extremes e order by e.low, e.dated limit 1
  ) lowest on true;
end
$$;
comment on function market.figures(integer, timestamptz) is
  'Key figures of one instrument as of an instant, at the level of today; always one row. The price and '
  'its changes as market.price_changes(); high, low, units and money traded of the 24 hours before it as '
  'market.last_24_hours(); high and low of the 52 weeks (364 days) before it and of all that is stored, '
  'with the first date of each, from daily candles, the forming one included, and before the first of '
  'them from weeks and months, which are dated by their first day and left out where a split is inside; '
  'of the last 24 hours too, on the trading date of the candle with the high or low; the average of the '
  'volumes of the final daily candles dated in the 30 days before it, to 8 decimals, null when none '
  'reports one; the oldest fetched candle.';

-- As before, over the candles of every interval and over splits.
create or replace view market.daily_returns as
select
  c.instrument_id,
  (c.opened_at at time zone 'UTC')::date as traded_on,
  market.change_percent(
    lag(c.close) over (partition by c.instrument_id order by c.opened_at), c.close) as return_percent
from market.candles_adjusted c
where c.candle_interval = '1day' and c.is_final;
comment on view market.daily_returns is
  'Simple return of each final daily candle against the one stored before it, in per cent: '
  '100 (close / previous close - 1), over a split too. The first candle has none. It reads the whole '
  'history of an instrument: for a window ask market.daily_closes().';

create function market.daily_closes(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz
) returns table (
  traded_on date, close numeric, previous_on date, previous_close numeric,
  return_percent double precision
)
language sql stable parallel safe
as $$
  select
    (day.opened_at at time zone 'UTC')::date, day.close,
    (day.previous_at at time zone 'UTC')::date, day.previous_close,
    market.change_percent(day.previous_close, day.close)
  from (
    select
      c.opened_at, c.close,
      lag(c.opened_at) over by_time as previous_at, lag(c.close) over by_time as previous_close
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = '1day' and c.is_final
      and c.opened_at >= coalesce((
        select p.opened_at
        from market.all_candles p
        where p.instrument_id = wanted_instrument_id and p.candle_interval = '1day' and p.is_final
          and p.opened_at < wanted_from
        order by p.opened_at desc
        limit 1
      ), wanted_from, '-infinity')
      and c.opened_at < coalesce(wanted_to, 'infinity')
    window by_time as (order by c.opened_at)
  ) day
  where day.opened_at >= coalesce(wanted_from, '-infinity')
$$;
comment on function market.daily_closes(integer, timestamptz, timestamptz) is
  'The closes of the final daily candles dated in [from, to), at the level of today, each beside the one '
  'stored before it, which may be before the window, and its simple return in per cent: 100 (close / '
  'previous close - 1), null for the first stored one and after a price of 0. A bound that is null '
  'bounds nothing.';

create function market.drawdowns(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz
) returns table (
  peak_on date, peak numeric, trough_on date, trough numeric, recovered_on date,
  depth_percent double precision, duration_days integer, is_under_way boolean
)
language sql stable parallel safe
as $$
  with days as materialized (
    select d.traded_on, d.close, d.previous_on, d.previous_close
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
  ), path as (
    select d.traded_on, d.close from days d
    union all
    (
      select d.previous_on, d.previous_close
      from days d
      where d.previous_on is not null
      order by d.traded_on
      limit 1
    )
  ), peaks as (
    select p.traded_on, p.close,
      max(p.close) over (order by p.traded_on rows unbounded preceding) as peak
    from path p
  ), stretches as (
    -- Each begins with a close as high as any before it; the others in it are lower.
    select p.*, count(*) filter (where p.close = p.peak)
      over (order by p.traded_on rows unbounded preceding) as number
    from peaks p
  ), falls as (
    select
      min(s.traded_on) as peak_on, max(s.peak) as peak, min(s.close) as trough,
      (array_agg(s.traded_on order by s.close, s.traded_on))[1] as trough_on,
      lead(min(s.traded_on)) over (order by s.number) as recovered_on,
      max(s.traded_on) as last_on, count(*) as closes
    from stretches s
    group by s.number
  )
  select
    f.peak_on, f.peak, f.trough_on, f.trough, f.recovered_on,
    market.change_percent(f.peak, f.trough),
    coalesce(f.recovered_on, f.last_on) - f.peak_on, f.recovered_on is null
  from falls f
  where f.closes > 1
$$;
comment on function market.drawdowns(integer, timestamptz, timestamptz) is
  'Every fall of the closes of the final daily candles dated in [from, to) below their highest so far, '
  'the last close before from included: from the peak to the first close that is as high again, or to '
  'the last close while it is under way (recovered_on is null). depth_percent is 100 (trough / peak - '
  '1), duration_days counts the calendar. In no order.';

create function market.performance(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz,
  risk_free_percent double precision default 0
) returns table (
  first_on date, last_on date, return_count bigint,
  compounded_return_percent double precision, volatility_percent double precision,
  sharpe_ratio double precision,
  deepest_drawdown_percent double precision, deepest_drawdown_peak_on date,
  deepest_drawdown_trough_on date,
  longest_drawdown_days integer, longest_drawdown_peak_on date, longest_drawdown_recovered_on date,
  longest_drawdown_is_under_way boolean,
  best_day_percent double precision, best_day_on date,
  worst_day_percent double precision, worst_day_on date
)
language sql stable parallel safe
as $$
  with days as materialized (
    select d.*
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
  ), falls as materialized (
    select f.*
    from market.drawdowns(wanted_instrument_id, wanted_from, wanted_to) f
  ), spread as (
    select
      min(coalesce(d.previous_on, d.traded_on)) as first_on, max(d.traded_on) as last_on,
      count(d.return_percent) as return_count, avg(d.return_percent) as average,
      -- What rounding leaves of equal returns, as in market.correlation_of_sums().
      case when stddev_samp(d.return_percent) <= 1e-10 then 0
        else stddev_samp(d.return_percent) end as deviation
    from days d
  )
  select
    s.first_on, s.last_on, s.return_count,
    case when s.first_on < s.last_on then market.change_percent(first.close, last.close) end,
    s.deviation * sqrt(year.periods),
    (s.average * year.periods - risk_free_percent) / nullif(s.deviation * sqrt(year.periods), 0),
    deepest.depth_percent, deepest.peak_on, deepest.trough_on,
    longest.duration_days, longest.peak_on, longest.recovered_on, longest.is_under_way,
    best.return_percent, best.traded_on, worst.return_percent, worst.traded_on
  from spread s
  left join lateral (
    select market.periods_per_year(i.kind) as periods
    from market.instruments i
    where i.id = wanted_instrument_id
  ) year on true
  left join lateral (
    select coalesce(d.previous_close, d.close) as close from days d order by d.traded_on limit 1
  ) first on true
  left join lateral (
    select d.close from days d order by d.traded_on desc limit 1
  ) last on true
  left join lateral (
    select f.* from falls f order by f.depth_percent, f.peak_on limit 1
  ) deepest on true
  left join lateral (
    select f.* from falls f order by f.duration_days desc, f.peak_on limit 1
  ) longest on true
  left join lateral (
    select d.return_percent, d.traded_on from days d
    where d.return_percent is not null
    order by d.return_percent desc, d.traded_on
    limit 1
  ) best on true
  left join lateral (
    select d.return_percent, d.traded_on from days d
    where d.return_percent is not null
    order by d.return_percent, d.traded_on
    limit 1
  ) worst on true
$$;
comment on function market.performance(integer, timestamptz, timestamptz, double precision) is
  'What the final daily candles dated in [from, to) have returned, against the last close before them '
  'where there is one (first_on), so with the return across the begin of the window, which '
  'market.risk_and_return() and market.performance_ranking() leave out: always one row. Compounded '
  'return: 100 (last close / first close - 1). Volatility: sample standard deviation of the daily '
  'returns × √ market.periods_per_year(), null under two returns, 0 where the deviation is at most '
  '1e-10 per cent, which is what rounding leaves of equal ones (Bodie, Kane, Marcus, Investments). '
  'Sharpe ratio: (average daily return × periods - risk_free_percent a year) / volatility, null when '
  'prices do not vary (Sharpe, The Sharpe Ratio, 1994). Drawdowns as market.drawdowns(), null when '
  'there is none; of equal ones the first. All per cents, of the days too, are simple returns; ratios '
  'are not per cents.';

create function market.monthly_returns(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz
) returns table (
  month date, return_percent double precision, first_on date, last_on date, return_count bigint
)
language sql stable parallel safe
as $$
  select m.month, case when m.first_on < m.last_on then market.change_percent(m.first, m.last) end,
    m.first_on, m.last_on, m.return_count
  from (
    select
      date_trunc('month', d.traded_on::timestamp)::date as month,
      min(coalesce(d.previous_on, d.traded_on)) as first_on, max(d.traded_on) as last_on,
      (array_agg(coalesce(d.previous_close, d.close) order by d.traded_on))[1] as first,
      (array_agg(d.close order by d.traded_on desc))[1] as last,
      count(d.return_percent) as return_count
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
    group by date_trunc('month', d.traded_on::timestamp)
  ) m
$$;
comment on function market.monthly_returns(integer, timestamptz, timestamptz) is
  'One row per calendar month that has final daily candles dated in [from, to): its last close against '
  'the last one before the month (first_on), which is what its daily returns compound to, in per cent; '
  'where from is inside a month, against the last one before from. '
  'The first month of all starts from its first close; with that alone it has no return. After months '
  'without a candle a return spans them too. In no order.';

create function market.seasonality_by_hour(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz
) returns table (
  hour integer, time_zone text, candle_count bigint, average_return_percent double precision,
  rising_percent double precision, average_volume numeric
)
language sql stable parallel safe
as $$
  select
    extract(hour from c.opened_at at time zone i.zone)::integer, i.zone, count(*),
    avg(market.change_percent(c.open, c.close)),
    100.0::double precision * count(*) filter (where c.close > c.open) / count(*),
    trim_scale(round(avg(c.volume), 8))
  from (
    select i.id,
      case i.kind when 'crypto' then 'UTC' else coalesce(i.exchange_timezone, 'UTC') end as zone
    from market.instruments i
    where i.id = wanted_instrument_id
  ) i
  join market.candles_adjusted c on c.instrument_id = i.id
  where c.candle_interval = '1h' and c.is_final
    and c.opened_at >= coalesce(wanted_from, '-infinity')
    and c.opened_at < coalesce(wanted_to, 'infinity')
  group by 1, 2
$$;
comment on function market.seasonality_by_hour(integer, timestamptz, timestamptz) is
  'One row per hour of the day in which final hourly candles open in [from, to): how many, the average '
  'of their returns 100 (close / open - 1), how many of them rise in per cent, and their average volume '
  'to 8 decimals, null when none is reported. The hour is told in time_zone: that of the exchange, UTC '
  'for crypto and where no zone is known. In no order.';

create function market.seasonality_by_weekday(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz
) returns table (
  weekday integer, return_count bigint, average_return_percent double precision,
  rising_percent double precision
)
language sql stable parallel safe
as $$
  select
    extract(isodow from d.traded_on)::integer, count(d.return_percent), avg(d.return_percent),
    100.0::double precision * count(*) filter (where d.return_percent > 0)
      / nullif(count(d.return_percent), 0)
  from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
  group by 1
$$;
comment on function market.seasonality_by_weekday(integer, timestamptz, timestamptz) is
  'One row per weekday (1 is Monday, 7 Sunday) of the final daily candles dated in [from, to): the '
  'average of their returns against the close before, as market.daily_closes(), and how many of them '
  'rise in per cent. In no order.';
