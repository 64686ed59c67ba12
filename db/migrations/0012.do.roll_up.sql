-- Keeps market.rollups what the candles say, for as much of them as has changed.

create function market.candle_end(
  wanted_session text, wanted_interval market.candle_interval, opened_at timestamptz
) returns table (ends_at timestamptz)
-- One row, and not a plain value, so that the planner puts it in place of the call.
language sql stable parallel safe
as $$
  select coalesce(
    case when wanted_interval in ('1day', '1week', '1month') then (
      select max(d.closes_at)
      from market.trading_days d
      where wanted_session = 'us_stocks' and d.session_name = wanted_session
        and d.traded_on >= (opened_at at time zone 'UTC')::date
        and d.traded_on < (planned.ends_at at time zone 'UTC')::date
    ) else (
      select d.closes_at
      from market.trading_days d
      where d.session_name = wanted_session
        -- A forex day opens on the date before its own.
        and d.traded_on between (opened_at at time zone 'UTC')::date
          and (opened_at at time zone 'UTC')::date + 1
        and d.opens_at <= opened_at and d.closes_at > opened_at and d.closes_at < planned.ends_at
        -- Forex days follow each other: only the end of one before a weekend or holiday is a close.
        and not exists (
          select from market.trading_days next
          where next.session_name = d.session_name and next.traded_on = d.traded_on + 1
            and next.opens_at = d.closes_at
        )
    ) end,
    planned.ends_at
  )
  from (
    select case
      when wanted_interval = '1month' then
        (date_trunc('month', opened_at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
      else opened_at + market.interval_duration(wanted_interval)
    end as ends_at
  ) planned
$$;
comment on function market.candle_end(text, market.candle_interval, timestamptz) is
  'When a candle ends, half days and holidays known, as closesAt() in market/session.ts: its interval '
  'after it opened, or at the close of its session when that is earlier; a US stock''s candle of a day, '
  'week or month with the last close in it. One row. Where trading_days has no row, its interval counts.';

create function market.bucket_opens_at(
  wanted market.candle_interval, shorter market.candle_interval, opened_at timestamptz,
  session_name text, exchange_timezone text
) returns timestamptz
language sql immutable parallel safe
return case
  when wanted in ('1day', '1week', '1month') then
    date_trunc(
      case wanted when '1day' then 'day' when '1week' then 'week' else 'month' end,
      case
        when shorter in ('1day', '1week') then opened_at at time zone 'UTC'
        else market.trading_date(opened_at, session_name, exchange_timezone)::timestamp
      end
    ) at time zone 'UTC'
  when session_name in ('us_stocks', 'forex') and wanted not in ('5min', '15min', '30min') then date_bin(
    market.interval_duration(wanted), opened_at,
    case session_name
      when 'us_stocks' then
        (market.trading_date(opened_at, session_name, exchange_timezone) + time '09:30')
          at time zone 'America/New_York'
      else
        (market.trading_date(opened_at, session_name, exchange_timezone) - 1 + time '17:00')
          at time zone 'America/New_York'
    end
  )
  else date_bin(
    market.interval_duration(wanted), opened_at, timestamptz '2000-01-01 00:00:00+00')
end;
comment on function market.bucket_opens_at(
  market.candle_interval, market.candle_interval, timestamptz, text, text
) is
  'When the candle of the wanted interval opens that holds a shorter one. A day is the trading date, a '
  'week begins on Monday (ISO 8601), a month on its first. Intraday candles are counted from 09:30 New '
  'York for US stocks, from 17:00 New York for forex, and from 00:00 UTC else; longer ones than 15 '
  'minutes mean nothing where the hours are not known. session_name as market.session_name() says.';

create function market.rollup_levels(session_name text)
returns table (level integer, candle_interval market.candle_interval, made_of text[])
language sql immutable parallel safe
as $$
  select l.level, l.candle_interval,
    case session_name
      when 'unknown' then l.made_of_unknown
      when 'forex' then l.made_of_forex
      else l.made_of
    end
  from (values
    (1, '5min', array['1min'], array['1min'], array['1min']),
    (2, '15min', array['5min'], array['5min'], array['5min']),
    -- An exchange may open at a quarter past: nobody says from when these are counted then.
    (3, '30min', array['15min'], array['15min'], '{}'),
    (4, '45min', array['15min'], array['15min'], '{}'),
    (5, '1h', array['30min'], array['30min'], '{}'),
    (6, '2h', array['1h'], array['1h'], '{}'),
    -- The provider's own from 2h on may begin in one forex day and end in the next.
    (7, '4h', array['2h'], array['1h'], '{}'),
    (8, '8h', array['4h'], array['1h'], '{}'),
    (9, '1day', array['8h', '45min'], array['1h'], array['1h', '30min', '15min']),
    (10, '1week', array['1day'], array['1day'], array['1day']),
    (11, '1month', array['1day'], array['1day'], array['1day'])
  ) l (level, candle_interval, made_of, made_of_forex, made_of_unknown)
  order by l.level
$$;
comment on function market.rollup_levels(text) is
  'Of which candles (fetched or rolled up themselves) those of each longer interval are made, the shorter '
  'first. Of several intervals the longest is taken of which a bucket has a candle.';

create function market.roll_up(
  wanted_instrument_id integer, changed_intervals text[],
  changed_from timestamptz, changed_to timestamptz
) returns void
-- One plan for each statement, kept with the session: to make them takes longer than to run them.
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
declare
  session text;
  zone text;
  session_end time;
  is_date boolean;
  level record;
  duration interval;
  -- Within this a fetched candle and a bucket overlap. Dated ones do when they carry the same date.
  reach interval;
  -- A date and the instants of its trading day are up to a day apart.
  margin interval;
  base_from timestamptz;
  previous_bucket timestamptz;
  newest_bucket timestamptz;
  first_bucket timestamptz;
  last_bucket timestamptz;
  has_fetched boolean;
  written_from timestamptz;
  gone record;
  changed text[] := changed_intervals;
begin
  select market.session_name(i.kind, i.exchange_timezone), i.exchange_timezone, i.session_closes
  into strict session, zone, session_end
  from market.instruments i where i.id = wanted_instrument_id;

  -- What was fetched takes the place of what was rolled up.
  for level in select i.name as candle_interval from unnest(changed_intervals) i (name) loop
    duration := market.interval_duration(level.candle_interval);
    reach := case when level.candle_interval in ('1day', '1week', '1month')
      then interval '1 microsecond' else duration end;
    with gone as (
      delete from market.rollups r
      where r.instrument_id = wanted_instrument_id and r.candle_interval = level.candle_interval
        and r.opened_at > changed_from - reach and r.opened_at < changed_to + reach
        and exists (
          select from market.candles f
          where f.instrument_id = wanted_instrument_id and f.candle_interval = level.candle_interval
            and f.opened_at > r.opened_at - reach and f.opened_at < r.opened_at + reach
        )
      returning r.opened_at
    )
    select min(g.opened_at) as oldest, max(g.opened_at) as newest into gone from gone g;
    changed_from := least(changed_from, gone.oldest);
    changed_to := greatest(changed_to, gone.newest);
  end loop;

  for level in select * from market.rollup_levels(session) loop
    continue when not level.made_of && changed;
    is_date := level.candle_interval in ('1day', '1week', '1month');
    duration := market.interval_duration(level.candle_interval);
    reach := case when is_date then interval '1 microsecond' else duration end;
    margin := case when is_date then interval '24 hours' else interval '0' end;

    -- The bucket before the change ends for certain once a later candle is there.
    base_from := least(changed_from, (
      select min(market.bucket_opens_at(base, changed_intervals[1], changed_from, session, zone))
      from unnest(level.made_of) base
    ));
    select
      max(market.bucket_opens_at(
        level.candle_interval, base.name, previous.opened_at, session, zone)),
      max(market.bucket_opens_at(level.candle_interval, base.name, newest.opened_at, session, zone))
    into previous_bucket, newest_bucket
    from unnest(level.made_of) base (name)
    left join lateral (
      select c.opened_at from market.all_candles c
      where c.instrument_id = wanted_instrument_id and c.candle_interval = base.name
        and c.opened_at < base_from
      order by c.opened_at desc limit 1
    ) previous on true
    left join lateral (
      select c.opened_at from market.all_candles c
      where c.instrument_id = wanted_instrument_id and c.candle_interval = base.name
      order by c.opened_at desc limit 1
    ) newest on true;
    first_bucket := least(previous_bucket, market.bucket_opens_at(
      level.candle_interval, changed_intervals[1], changed_from, session, zone));
    last_bucket := market.bucket_opens_at(
      level.candle_interval, changed_intervals[1], changed_to, session, zone);
    has_fetched := exists (
      select from market.candles f
      where f.instrument_id = wanted_instrument_id and f.candle_interval = level.candle_interval
        and f.opened_at > first_bucket - reach and f.opened_at < last_bucket + reach
    );

    -- Materialized, or the bucket would be worked out wherever it is named.
    with shorter as materialized (
      select
        c.candle_interval, c.opened_at, c.open, c.high, c.low, c.close, c.volume, c.is_final,
        c.loaded_at,
        market.bucket_opens_at(
          level.candle_interval, c.candle_interval, c.opened_at, session, zone) as bucket
      from (
        -- One range of each primary key for each interval: `any` would read all intervals of that time.
        select * from market.all_candles c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = level.made_of[1]
          and c.opened_at >= first_bucket - margin and c.opened_at < last_bucket + duration + margin
        union all
        select * from market.all_candles c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = level.made_of[2]
          and c.opened_at >= first_bucket - margin and c.opened_at < last_bucket + duration + margin
        union all
        select * from market.all_candles c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = level.made_of[3]
          and c.opened_at >= first_bucket - margin and c.opened_at < last_bucket + duration + margin
      ) c
    ), placed as (
      select
        s.*,
        lag(s.bucket) over series is distinct from s.bucket as is_first,
        lead(s.bucket) over series is distinct from s.bucket as is_last
      from shorter s
      window series as (partition by s.candle_interval order by s.opened_at)
    ), rolled as (
      select distinct on (p.bucket)
        p.bucket as opened_at, p.candle_interval as rolled_up_from,
        max(p.open) filter (where p.is_first) as open,
        max(p.high) as high,
        min(p.low) as low,
        max(p.close) filter (where p.is_last) as close,
        case when count(p.volume) = count(*) then sum(p.volume) end as volume,
        bool_and(p.is_final) and (
          p.bucket < newest_bucket
          or max(p.loaded_at) >= least(
            market.candle_closes_at(level.candle_interval, p.bucket, zone, session_end),
            (select e.ends_at from market.candle_end(session, level.candle_interval, p.bucket) e),
            -- Our own days end where the next would begin.
            case when level.candle_interval = '1day' and session = 'forex' then
              ((p.bucket at time zone 'UTC')::date + time '17:00') at time zone 'America/New_York'
            when level.candle_interval = '1day' and session = 'unknown' then
              ((p.bucket at time zone 'UTC')::date + 1)::timestamp at time zone coalesce(zone, 'UTC')
            end
          )
        ) as is_final,
        count(*)::integer as candle_count,
        max(p.loaded_at) as loaded_at
      from placed p
      where p.bucket between first_bucket and last_bucket
      group by p.bucket, p.candle_interval
      order by p.bucket, market.interval_duration(p.candle_interval) desc
    ), wanted as (
      select r.* from rolled r
      where not has_fetched or not exists (
        select from market.candles f
        where f.instrument_id = wanted_instrument_id and f.candle_interval = level.candle_interval
          and f.opened_at > r.opened_at - reach and f.opened_at < r.opened_at + reach
      )
    ), gone as (
      delete from market.rollups r
      where r.instrument_id = wanted_instrument_id and r.candle_interval = level.candle_interval
        and r.opened_at between first_bucket and last_bucket
        and not exists (select from wanted w where w.opened_at = r.opened_at)
      returning r.opened_at
    ), upserted as (
      insert into market.rollups as r (
        instrument_id, candle_interval, opened_at, open, high, low, close, volume, is_final,
        rolled_up_from, candle_count, loaded_at
      )
      select
        wanted_instrument_id, level.candle_interval, w.opened_at, w.open, w.high, w.low, w.close,
        w.volume, w.is_final, w.rolled_up_from, w.candle_count, w.loaded_at
      from wanted w
      on conflict (instrument_id, candle_interval, opened_at) do update set
        open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, is_final = excluded.is_final,
        rolled_up_from = excluded.rolled_up_from, candle_count = excluded.candle_count,
        loaded_at = excluded.loaded_at
      where (
        r.open, r.high, r.low, r.close, r.volume, r.is_final, r.rolled_up_from, r.candle_count,
        r.loaded_at
      ) is distinct from (
        excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume,
        excluded.is_final, excluded.rolled_up_from, excluded.candle_count, excluded.loaded_at
      )
      returning r.opened_at
    )
    select min(w.opened_at) into written_from
    from (select g.opened_at from gone g union all select u.opened_at from upserted u) w;
    if written_from is not null then
      changed := changed || level.candle_interval::text;
      changed_from := least(changed_from, written_from);
    end if;
  end loop;
end
$$;
comment on function market.roll_up(integer, text[], timestamptz, timestamptz) is
  'Brings market.rollups of an instrument up to date after fetched candles of the intervals have changed '
  'that opened in [from, to]: the buckets that hold them, the bucket before, and of every longer interval '
  'those that changed with them. Rows that stay the same are not written. The caller holds '
  'lock_candles().';

create function market.lock_candles(wanted_instrument_id integer) returns void
language sql
as $$
  select pg_advisory_xact_lock(wanted_instrument_id, hashtext('market.candles'))
$$;
comment on function market.lock_candles(integer) is
  'Until the end of the transaction nobody else loads candles of the instrument: its rollups are made of '
  'several series.';

create function market.rebuild_rollups(wanted_instrument_id integer) returns void
language plpgsql
as $$
declare
  stored text[];
  oldest timestamptz;
  newest timestamptz;
begin
  perform market.lock_candles(wanted_instrument_id);
  delete from market.rollups where instrument_id = wanted_instrument_id;
  select array_agg(i.name), min(range.oldest), max(range.newest)
  into stored, oldest, newest
  from unnest(array[
    '1min', '5min', '15min', '30min', '45min', '1h', '2h', '4h', '8h', '1day', '1week', '1month'
  ]) i (name)
  cross join lateral (
    select min(c.opened_at) as oldest, max(c.opened_at) as newest
    from market.candles c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = i.name
  ) range
  where range.oldest is not null;
  if stored is not null then
    -- The date of a candle and its instants are up to a day apart.
    perform market.roll_up(
      wanted_instrument_id, stored, oldest - interval '24 hours', newest + interval '24 hours');
  end if;
end
$$;
comment on function market.rebuild_rollups(integer) is
  'Makes all of market.rollups of an instrument again. Loads keep them up to date by themselves: this is '
  'for after candles were deleted or changed by hand.';

comment on column market.candles_adjusted.loaded_at is
  'When it, or the newest candle in it, was loaded.';

-- Other hours, other buckets.
create function market.rebuild_rollups_of_changed_instrument() returns trigger
language plpgsql
as $$
begin
  perform market.rebuild_rollups(new.id);
  return null;
end
$$;
comment on function market.rebuild_rollups_of_changed_instrument() is
  'Trigger: the trading hours of an instrument have become known or have changed.';

create trigger rollups_follow_trading_hours
after update of kind, exchange_timezone, session_closes on market.instruments
for each row
when ((old.kind, old.exchange_timezone, old.session_closes)
  is distinct from (new.kind, new.exchange_timezone, new.session_closes))
execute function market.rebuild_rollups_of_changed_instrument();

select market.rebuild_rollups(id) from market.instruments;
