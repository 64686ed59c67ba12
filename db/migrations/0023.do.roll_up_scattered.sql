-- Candles that come in no order, as in a file that is not sorted, change buckets all over a series. Each
-- stored bucket was compared with each wanted one: 13,000 shuffled hours took 11 s instead of 1 s.

create or replace function market.roll_up(
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
        -- Not an anti-join, which the planner makes a nested loop of: it expects one bucket.
        and r.opened_at not in (select w.opened_at from wanted w)
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
