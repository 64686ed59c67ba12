-- The read surface: each figure once, under a name. Times are passed, never taken from the clock, so
-- that a figure can be asked for any instant and tested.

create function market.interval_duration(wanted market.candle_interval) returns interval
language sql immutable parallel safe
return case wanted
  when '1min' then interval '1 minute'
  when '5min' then interval '5 minutes'
  when '15min' then interval '15 minutes'
  when '30min' then interval '30 minutes'
  when '45min' then interval '45 minutes'
  when '1h' then interval '1 hour'
  when '2h' then interval '2 hours'
  when '4h' then interval '4 hours'
  when '8h' then interval '8 hours'
  when '1day' then interval '24 hours'
  when '1week' then interval '168 hours'
  when '1month' then interval '744 hours'
end;
comment on function market.interval_duration(market.candle_interval) is
  'The longest that a candle of this interval lasts; a month counts 31 days.';

create function market.candle_closes_at(
  wanted market.candle_interval, opened_at timestamptz, exchange_timezone text, session_closes time
) returns timestamptz
language sql immutable parallel safe
return case
  when wanted = '1month' then
    (date_trunc('month', opened_at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
  when wanted = '1week' or session_closes is null or exchange_timezone is null then
    opened_at + market.interval_duration(wanted)
  when wanted = '1day' then
    ((opened_at at time zone 'UTC')::date + session_closes) at time zone exchange_timezone
  else least(
    opened_at + market.interval_duration(wanted),
    ((opened_at at time zone exchange_timezone)::date + session_closes) at time zone exchange_timezone
  )
end;
comment on function market.candle_closes_at(market.candle_interval, timestamptz, text, time) is
  'The instant a candle ends: one interval after it opened, or when the session closes before that. '
  'Half days count as whole ones.';

create function market.price_at(wanted_instrument_id integer, at timestamptz)
returns table (price numeric, priced_at timestamptz, is_forming boolean)
language sql stable parallel safe
as $$
  select newest.close, newest.priced_at, not newest.is_final
  from market.instruments i
  join market.watermarks w on w.instrument_id = i.id
  cross join lateral (
    select c.opened_at, c.close, c.is_final, known.priced_at
    from market.candles c
    cross join lateral (
      select least(
        market.candle_closes_at(c.candle_interval, c.opened_at, i.exchange_timezone, i.session_closes),
        c.loaded_at
      ) as priced_at
    ) known
    where c.instrument_id = i.id
      and c.candle_interval = w.candle_interval
      and c.opened_at <= at
      and known.priced_at <= at
    order by c.opened_at desc
    limit 1
  ) newest
  where i.id = wanted_instrument_id
  -- The finest candle opens last and so lies nearest to the wanted instant.
  order by newest.opened_at desc, market.interval_duration(w.candle_interval)
  limit 1
$$;
comment on function market.price_at(integer, timestamptz) is
  'The last price known at an instant, and since when: the close of the newest candle of any interval '
  'that had ended by then, or of the forming one that had been loaded by then. No row when none had.';

create function market.finest_interval(wanted_instrument_id integer, longest interval)
returns market.candle_interval
language sql stable parallel safe
as $$
  select w.candle_interval
  from market.watermarks w
  where w.instrument_id = wanted_instrument_id
    and market.interval_duration(w.candle_interval) <= longest
  order by market.interval_duration(w.candle_interval)
  limit 1
$$;
comment on function market.finest_interval(integer, interval) is
  'The shortest stored interval of an instrument, no longer than asked for; null when there is none.';

create function market.price_changes(wanted_instrument_id integer, as_of timestamptz)
returns table (
  price numeric, priced_at timestamptz, is_forming boolean,
  change_24h numeric, change_24h_percent double precision,
  change_7d numeric, change_7d_percent double precision,
  change_30d numeric, change_30d_percent double precision
)
language sql stable parallel safe
as $$
  select
    latest.price, latest.priced_at, latest.is_forming,
    latest.price - day.price, (100 * (latest.price / nullif(day.price, 0) - 1))::double precision,
    latest.price - week.price, (100 * (latest.price / nullif(week.price, 0) - 1))::double precision,
    latest.price - month.price, (100 * (latest.price / nullif(month.price, 0) - 1))::double precision
  from market.price_at(wanted_instrument_id, as_of) latest
  left join lateral market.price_at(wanted_instrument_id, latest.priced_at - interval '24 hours') day on true
  left join lateral market.price_at(wanted_instrument_id, latest.priced_at - interval '168 hours') week on true
  left join lateral market.price_at(wanted_instrument_id, latest.priced_at - interval '720 hours') month on true
$$;
comment on function market.price_changes(integer, timestamptz) is
  'The latest price and its change over the 24 hours, 7 days and 30 days of real time before it, in '
  'currency and in per cent; null where no price is known that long before.';

create function market.overview(wanted_source market.source, as_of timestamptz)
returns table (
  instrument_id integer, symbol text, slug text, name text, kind text, currency text,
  price numeric, priced_at timestamptz, is_forming boolean,
  change_24h_percent double precision, change_7d_percent double precision,
  change_30d_percent double precision, sparkline double precision[]
)
language sql stable parallel safe
as $$
  select
    i.id, i.symbol, i.slug, i.name, i.kind,
    coalesce(i.currency, nullif(split_part(i.symbol, '/', 2), '')),
    p.price, p.priced_at, p.is_forming,
    p.change_24h_percent, p.change_7d_percent, p.change_30d_percent,
    coalesce(line.closes, '{}')
  from market.instruments i
  left join lateral market.price_changes(i.id, as_of) p on true
  left join lateral (
    select array_agg(numbered.close order by numbered.opened_at) as closes
    from (
      select
        c.opened_at, c.close::double precision as close,
        row_number() over (order by c.opened_at desc) - 1 as age,
        count(*) over () as total
      from market.candles c
      where c.instrument_id = i.id
        and c.candle_interval = market.finest_interval(i.id, interval '24 hours')
        and c.opened_at > p.priced_at - interval '168 hours'
        and c.opened_at <= p.priced_at
    ) numbered
    -- At most 60 points, evenly taken, the newest always among them.
    where numbered.age % greatest(1, ceil(numbered.total / 60.0)::integer) = 0
  ) line on true
  where i.source = wanted_source and i.is_active
$$;
comment on function market.overview(market.source, timestamptz) is
  'Every active instrument of a source with its latest price, the changes over real time and a line of '
  'at most 60 closes of the last 7 days, as of an instant.';

create function market.figures(wanted_instrument_id integer, as_of timestamptz)
returns table (
  price numeric, priced_at timestamptz, is_forming boolean,
  change_24h numeric, change_24h_percent double precision,
  change_7d numeric, change_7d_percent double precision,
  change_30d numeric, change_30d_percent double precision,
  high_24h numeric, low_24h numeric, volume_24h numeric, high_52w numeric, low_52w numeric,
  first_candle_at timestamptz
)
language sql stable parallel safe
as $$
  select
    p.price, p.priced_at, p.is_forming,
    p.change_24h, p.change_24h_percent, p.change_7d, p.change_7d_percent,
    p.change_30d, p.change_30d_percent,
    day.high, day.low, day.volume, year.high, year.low, stored.oldest_at
  from (
    select min(w.oldest_at) as oldest_at
    from market.watermarks w
    where w.instrument_id = wanted_instrument_id
  ) stored
  left join lateral market.price_changes(wanted_instrument_id, as_of) p on true
  left join lateral (
    select max(c.high) as high, min(c.low) as low, sum(c.volume) as volume
    from market.candles c
    where c.instrument_id = wanted_instrument_id
      and c.candle_interval = market.finest_interval(wanted_instrument_id, interval '1 hour')
      and c.opened_at >= p.priced_at - interval '24 hours'
      and c.opened_at <= p.priced_at
  ) day on true
  left join lateral (
    select max(c.high) as high, min(c.low) as low
    from market.candles c
    where c.instrument_id = wanted_instrument_id
      and c.candle_interval = '1day'
      and c.opened_at >= p.priced_at - interval '8760 hours'
      and c.opened_at <= p.priced_at
  ) year on true
$$;
comment on function market.figures(integer, timestamptz) is
  'Key figures of one instrument as of an instant: latest price and its changes over real time; high, '
  'low and units traded of the 24 hours before it, from candles of an hour or shorter; 52-week range '
  'from daily candles; the oldest candle stored.';

create view market.daily_returns as
select
  c.instrument_id,
  (c.opened_at at time zone 'UTC')::date as traded_on,
  (100 * (c.close / nullif(lag(c.close) over (
    partition by c.instrument_id order by c.opened_at), 0) - 1))::double precision as return_percent
from market.candles c
where c.candle_interval = '1day' and c.is_final;
comment on view market.daily_returns is
  'Simple return of each final daily candle against the one stored before it, in per cent: '
  '100 (close / previous close - 1). The first candle has none.';
comment on column market.daily_returns.instrument_id is 'The instrument.';
comment on column market.daily_returns.traded_on is 'The date of the daily candle.';
comment on column market.daily_returns.return_percent is 'Return in per cent; null for the first.';
