-- How good the stored candles are: whether each series is as new as its market lets it be, and how much
-- of each month is there. What is missing, candle by candle, is market.gaps.

create function market.candle_after(
  wanted_session text, wanted_interval market.candle_interval, after timestamptz
) returns table (opened_at timestamptz)
language sql stable parallel safe
as $$
  select case when wanted_session = 'round_the_clock' then
    -- 1900-01-01 was a Monday, as weeks begin.
    case when wanted_interval = '1month' then
      (date_trunc('month', after at time zone 'UTC') + interval '1 month') at time zone 'UTC'
    else date_bin(
      market.interval_duration(wanted_interval), after, timestamptz '1900-01-01 00:00:00+00'
    ) + market.interval_duration(wanted_interval) end
  when wanted_interval in ('1day', '1week', '1month') then (
    select date_trunc(unit.name, d.traded_on::timestamp) at time zone 'UTC'
    from (
      select case wanted_interval when '1week' then 'week' when '1month' then 'month' else 'day' end
    ) unit (name)
    join market.trading_days d on d.traded_on >= (
      date_trunc(unit.name, after at time zone 'UTC') + ('1 ' || unit.name)::interval
    )::date
    where d.session_name = wanted_session
    order by d.traded_on
    limit 1
  ) else (
    select slot.opened_at
    from market.trading_days d
    cross join lateral (
      select case
        when d.opens_at > after then d.opens_at
        else date_bin(market.interval_duration(wanted_interval), after, d.opens_at)
          + market.interval_duration(wanted_interval)
      end as opened_at
    ) slot
    where d.session_name = wanted_session
      and d.traded_on >= (after at time zone 'UTC')::date
      and slot.opened_at < d.closes_at
    order by d.traded_on
    limit 1
  ) end
$$;
comment on function market.candle_after(text, market.candle_interval, timestamptz) is
  'The open time of the first candle after an instant that a session''s calendar promises; see '
  'expected_candles(). One row; null for an unknown session and beyond what trading_days holds.';

create function market.freshness_at(wanted_source market.source, as_of timestamptz)
returns table (
  source market.source, instrument_id integer, symbol text, candle_interval market.candle_interval,
  newest_final_at timestamptz, newest_closed_at timestamptz, next_expected_at timestamptz,
  due_at timestamptz, age_seconds double precision, state text
)
language sql stable parallel safe
as $$
  -- Step by step: a value that is told once is looked up once.
  with series as materialized (
    select
      i.source, i.id as instrument_id, i.symbol, w.candle_interval, w.newest_final_at,
      market.session_name(i.kind, i.exchange_timezone) as session_name
    from market.instruments i
    join market.watermarks w on w.instrument_id = i.id
    where i.is_active and (wanted_source is null or i.source = wanted_source)
  ), ends as materialized (
    select s.*, newest.ends_at as newest_closed_at, next.opened_at as next_expected_at
    from series s
    cross join lateral market.candle_end(s.session_name, s.candle_interval, s.newest_final_at) newest
    cross join lateral market.candle_after(s.session_name, s.candle_interval, s.newest_final_at) next
  ), due as materialized (
    -- A run an hour, with time for its end: a candle that ended later may not have been asked for.
    select e.*, next.ends_at + interval '90 minutes' as due_at
    from ends e
    cross join lateral market.candle_end(e.session_name, e.candle_interval, e.next_expected_at) next
  ), open_sessions as materialized (
    select 'round_the_clock' as name
    union all
    select d.session_name
    from market.trading_days d
    where d.session_name in ('us_stocks', 'forex')
      and d.traded_on between (as_of at time zone 'UTC')::date
        and (as_of at time zone 'UTC')::date + 1
      and d.opens_at <= as_of and d.closes_at > as_of
  )
  select
    d.source, d.instrument_id, d.symbol, d.candle_interval,
    d.newest_final_at, d.newest_closed_at, d.next_expected_at, d.due_at,
    extract(epoch from as_of - d.newest_closed_at)::double precision,
    case
      when d.newest_final_at is null then 'empty'
      when d.due_at is null then 'unknown'
      when d.due_at < as_of then 'stale'
      when d.session_name in (select o.name from open_sessions o) then 'fresh'
      else 'market_closed'
    end
  from due d
$$;
comment on function market.freshness_at(market.source, timestamptz) is
  'How new each loaded series of the active instruments of a source is at an instant, one row a series: '
  'its newest final candle (as stored now), the next one that the calendar of its session promises, and '
  'whether that one is overdue. A source that is null limits nothing.';

create view market.freshness as
select
  f.source, f.instrument_id, f.symbol, f.candle_interval, f.newest_final_at, f.newest_closed_at,
  f.next_expected_at, f.due_at, f.age_seconds, f.state
from market.freshness_at(null, now()) f;
comment on view market.freshness is
  'How new each loaded series of the active instruments is now, against the calendar of its session: '
  'see freshness_at().';
comment on column market.freshness.source is 'Where the candles of the instrument come from.';
comment on column market.freshness.instrument_id is 'The instrument.';
comment on column market.freshness.symbol is 'What the provider calls it.';
comment on column market.freshness.candle_interval is 'The interval.';
comment on column market.freshness.newest_final_at is
  'Open time of the newest final candle; null while there is none.';
comment on column market.freshness.newest_closed_at is
  'When that candle ended, half days known; null while there is none.';
comment on column market.freshness.next_expected_at is
  'Open time of the candle that the calendar promises after it; null where no calendar is known.';
comment on column market.freshness.due_at is
  'When the next candle has ended and a run has had time to load it: 90 minutes after its end. Null '
  'where no calendar is known.';
comment on column market.freshness.age_seconds is
  'Seconds since the newest final candle ended; null while there is none.';
comment on column market.freshness.state is
  'fresh: nothing is overdue and the market trades. market_closed: nothing is overdue and it does not. '
  'stale: due_at has passed. unknown: no calendar is known. empty: no final candle is stored.';

create function market.month_of_candle(
  wanted_interval market.candle_interval, opened_at timestamptz, session_name text,
  exchange_timezone text
) returns date
language sql immutable parallel safe
return date_trunc('month', case
  when wanted_interval in ('1day', '1week', '1month') then opened_at at time zone 'UTC'
  else market.trading_date(opened_at, session_name, exchange_timezone)::timestamp
end)::date;
comment on function market.month_of_candle(market.candle_interval, timestamptz, text, text) is
  'First date of the month to which a candle belongs: that of its UTC date from a day on, of its trading '
  'day (trading_date()) below.';

create function market.find_completeness(
  wanted_source market.source, wanted_from timestamptz, wanted_to timestamptz,
  wanted_symbols text[] default null, wanted_intervals text[] default null
) returns table (
  source market.source, instrument_id integer, symbol text, candle_interval market.candle_interval,
  month_on date, calendar text, expected_candles bigint, have_candles bigint,
  missing_candles bigint, percent double precision
)
language sql stable parallel safe
as $$
  with series as materialized (
    select
      i.source, i.id as instrument_id, i.symbol, i.exchange_timezone, w.candle_interval,
      session.name as session_name,
      -- From which month on the calendar is known.
      case
        when session.name = 'round_the_clock' then timestamptz '-infinity'
        -- As in find_missing_candles(): not counted from any hour that is known.
        when session.name = 'forex' and w.candle_interval in ('2h', '4h', '8h') then null
        else (
          select date_trunc('month', min(d.traded_on)::timestamp) at time zone 'UTC'
          from market.trading_days d where d.session_name = session.name
        )
      end as known_from,
      -- A bound that is null bounds nothing: neither function heeds it.
      greatest(w.oldest_at, wanted_from) as begins_at,
      least(w.newest_final_at + interval '1 microsecond', wanted_to) as ends_at,
      market.month_of_candle(
        w.candle_interval, w.oldest_at, session.name, i.exchange_timezone
      )::timestamp as oldest_month_on,
      market.month_of_candle(
        w.candle_interval, w.newest_final_at, session.name, i.exchange_timezone
      )::timestamp as newest_month_on
    from market.instruments i
    join market.watermarks w on w.instrument_id = i.id
    cross join lateral (
      select market.session_name(i.kind, i.exchange_timezone) as name
    ) session
    where i.is_active
      and (wanted_source is null or i.source = wanted_source)
      and (wanted_symbols is null or i.symbol = any(wanted_symbols))
      and (wanted_intervals is null or w.candle_interval = any(wanted_intervals))
      and w.newest_final_at is not null
      and (wanted_to is null or w.oldest_at < wanted_to)
      and (wanted_from is null or w.newest_final_at >= wanted_from)
  ), noted as (
    -- One row per candle that is there or missing, and one per month, so that none is left out.
    select
      s.instrument_id, s.candle_interval, 1 as have, 0 as missing,
      market.month_of_candle(
        s.candle_interval, held.opened_at, s.session_name, s.exchange_timezone
      ) as month_on
    from series s
    cross join lateral (
      (
        select e.opened_at
        from market.expected_candles(
          s.session_name, s.candle_interval, greatest(s.begins_at, s.known_from), s.ends_at
        ) e
        where s.known_from is not null
        intersect
        select c.opened_at from market.candles c
        where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
          and c.opened_at >= greatest(s.begins_at, s.known_from) and c.opened_at < s.ends_at
          and c.is_final and s.known_from is not null
      )
      union all
      select c.opened_at from market.candles c
      where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
        and c.opened_at >= s.begins_at and c.opened_at < least(s.ends_at, s.known_from)
        and c.is_final
    ) held
    union all
    select
      s.instrument_id, s.candle_interval, 0, 1,
      market.month_of_candle(
        s.candle_interval, m.opened_at, s.session_name, s.exchange_timezone
      )
    from market.find_missing_candles(
      wanted_source, wanted_from, wanted_to, wanted_symbols, wanted_intervals
    ) m
    join series s on s.instrument_id = m.instrument_id and s.candle_interval = m.candle_interval
    union all
    select s.instrument_id, s.candle_interval, 0, 0, month.starts_on::date
    from series s
    cross join lateral generate_series(
      greatest(s.oldest_month_on, date_trunc('month', wanted_from at time zone 'UTC')),
      least(
        s.newest_month_on,
        date_trunc('month', wanted_to at time zone 'UTC' - interval '1 microsecond')
      ),
      interval '1 month'
    ) month (starts_on)
  ), counted as (
    select
      n.instrument_id, n.candle_interval, n.month_on,
      sum(n.have) as have, sum(n.missing) as missing
    from noted n
    group by n.instrument_id, n.candle_interval, n.month_on
  )
  select
    s.source, s.instrument_id, s.symbol, s.candle_interval, c.month_on,
    case when is_known.so then s.session_name end,
    case when is_known.so then c.have + c.missing end,
    c.have, c.missing,
    case when is_known.so then
      (100 * c.have / nullif(c.have + c.missing, 0)::numeric)::double precision
    end
  from counted c
  join series s on s.instrument_id = c.instrument_id and s.candle_interval = c.candle_interval
  cross join lateral (
    select c.month_on::timestamp at time zone 'UTC' >= s.known_from as so
  ) is_known
$$;
comment on function market.find_completeness(market.source, timestamptz, timestamptz, text[], text[]) is
  'How much of what is expected is stored: one row per series of an active instrument and month from its '
  'oldest candle to its newest final one, of candles that open in [from, to). What is missing is what '
  'find_missing_candles() says, so that it sums up to market.gaps. An argument that is null limits nothing.';

create view market.completeness as
select
  c.source, c.instrument_id, c.symbol, c.candle_interval, c.month_on, c.calendar,
  c.expected_candles, c.have_candles, c.missing_candles, c.percent
from market.find_completeness(null, null, null) c;
comment on view market.completeness is
  'How much of what is expected is stored, one row per series and month. Reads everything; for a window '
  'ask find_completeness().';
comment on column market.completeness.source is 'Where the candles of the instrument come from.';
comment on column market.completeness.instrument_id is 'The instrument.';
comment on column market.completeness.symbol is 'What the provider calls it.';
comment on column market.completeness.candle_interval is 'The interval.';
comment on column market.completeness.month_on is
  'First date of the month in which the candles lie: by UTC date round the clock and for candles of a day '
  'or longer, else by the date of the trading day. The first and the last month count from the oldest '
  'candle and up to the newest final one.';
comment on column market.completeness.calendar is
  'The session whose calendar says what is expected: us_stocks, round_the_clock or forex. Null where none '
  'is known: an exchange with unknown hours, forex of 2h, 4h and 8h, and what lies before trading_days.';
comment on column market.completeness.expected_candles is
  'Candles that the calendar promises; forex ones around the daily roll only where they were ever seen. '
  'Null where no calendar is known.';
comment on column market.completeness.have_candles is
  'Final candles stored of those expected; where no calendar is known, all final candles stored.';
comment on column market.completeness.missing_candles is
  'Candles missing, as market.missing_candles has them; where no calendar is known, what other '
  'instruments of the same exchange have, as far as there are any.';
comment on column market.completeness.percent is
  'Per cent of the expected candles that are stored: 100 have / expected. Null when none is expected or '
  'no calendar is known.';
