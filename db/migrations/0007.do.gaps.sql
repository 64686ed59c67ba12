-- Which candles there should be, which of them are missing, and what the provider said when asked.
-- Times of day are told in a named zone: nothing here depends on the zone of the connection.

create table market.trading_days (
  session_name text not null,
  traded_on date not null,
  opens_at timestamptz not null,
  closes_at timestamptz not null,
  constraint trading_days_pkey primary key (session_name, traded_on),
  constraint trading_days_session_is_known check (session_name in ('us_stocks', 'forex')),
  constraint trading_days_close_after_they_open check (opens_at < closes_at)
);
comment on table market.trading_days is
  'One row per session and date that it trades, from 2001 to more than a year ahead: written by the '
  'program from market/session.ts. Before the first one nothing is known.';
comment on column market.trading_days.session_name is
  'us_stocks or forex; a market that trades round the clock needs no calendar.';
comment on column market.trading_days.traded_on is 'The date that the daily candle carries.';
comment on column market.trading_days.opens_at is 'When the session opens; forex on the evening before.';
comment on column market.trading_days.closes_at is 'When it closes, half days early.';

create table market.gap_answers (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  opened_from timestamptz not null,
  opened_to timestamptz not null,
  empty_count integer not null,
  last_asked_at timestamptz not null,
  ask_again_at timestamptz not null,
  constraint gap_answers_pkey
    primary key (instrument_id, candle_interval, opened_from, opened_to),
  constraint gap_answers_instrument_exists
    foreign key (instrument_id) references market.instruments (id),
  constraint gap_answers_end_after_they_begin check (opened_from <= opened_to),
  constraint gap_answers_count_from_one check (empty_count > 0),
  constraint gap_answers_ask_again_later check (last_asked_at < ask_again_at)
);
comment on table market.gap_answers is
  'One row per gap for which the provider has no data: it holds for every candle in it that is missing.';
comment on column market.gap_answers.instrument_id is 'The instrument.';
comment on column market.gap_answers.candle_interval is 'The interval.';
comment on column market.gap_answers.opened_from is 'Open time of the first candle asked for.';
comment on column market.gap_answers.opened_to is 'Open time of the last candle asked for.';
comment on column market.gap_answers.empty_count is 'How often the answer was that there is no data.';
comment on column market.gap_answers.last_asked_at is 'When it was asked last.';
comment on column market.gap_answers.ask_again_at is
  'Before this it is not asked again: a day after the first answer, a week after each later one.';

create function market.session_name(kind text, exchange_timezone text) returns text
language sql immutable parallel safe
return case
  when kind = 'crypto' then 'round_the_clock'
  when kind in ('forex', 'commodity') then 'forex'
  when exchange_timezone = 'America/New_York' then 'us_stocks'
  else 'unknown'
end;
comment on function market.session_name(text, text) is
  'The trading hours of an instrument by its kind and the zone of its exchange, as sessionOf() in '
  'market/session.ts: us_stocks, round_the_clock, forex or unknown.';

create function market.expected_candles(
  wanted_session text, wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns table (opened_at timestamptz)
language sql stable parallel safe
as $$
  select slot
  from generate_series(
    -- The first slot at or after the begin. 1900-01-01 was a Monday, as weeks begin.
    date_bin(
      market.interval_duration(wanted_interval),
      wanted_from + market.interval_duration(wanted_interval) - interval '1 microsecond',
      timestamptz '1900-01-01 00:00:00+00'
    ),
    wanted_to - interval '1 microsecond',
    market.interval_duration(wanted_interval)
  ) slot
  where wanted_session = 'round_the_clock' and wanted_interval <> '1month'
  union all
  select month at time zone 'UTC'
  from generate_series(
    date_trunc('month', wanted_from at time zone 'UTC'),
    wanted_to at time zone 'UTC' - interval '1 microsecond',
    interval '1 month'
  ) month
  where wanted_session = 'round_the_clock' and wanted_interval = '1month'
    and month at time zone 'UTC' >= wanted_from
  union all
  select slot
  from market.trading_days d
  cross join lateral generate_series(
    d.opens_at, d.closes_at - interval '1 microsecond', market.interval_duration(wanted_interval)
  ) slot
  where d.session_name = wanted_session
    and wanted_interval not in ('1day', '1week', '1month')
    -- A forex day opens on the date before its own.
    and d.traded_on between (wanted_from at time zone 'UTC')::date
      and (wanted_to at time zone 'UTC')::date + 1
    and slot >= wanted_from and slot < wanted_to
  union all
  select label
  from (
    select distinct date_trunc(
      case wanted_interval when '1week' then 'week' when '1month' then 'month' else 'day' end,
      d.traded_on::timestamp
    ) at time zone 'UTC' as label
    from market.trading_days d
    where d.session_name = wanted_session
      and wanted_interval in ('1day', '1week', '1month')
      and d.traded_on between (wanted_from at time zone 'UTC')::date
        and (wanted_to at time zone 'UTC')::date + 31
  ) labels
  where label >= wanted_from and label < wanted_to
$$;
comment on function market.expected_candles(text, market.candle_interval, timestamptz, timestamptz) is
  'The open times of the candles that a session''s calendar promises in [from, to), in no order, as '
  'candleOpens() in market/session.ts: none for an unknown session, nor where trading_days has no row.';

create function market.find_missing_candles(
  wanted_source market.source, wanted_from timestamptz, wanted_to timestamptz,
  wanted_symbols text[] default null, wanted_intervals text[] default null
) returns table (
  instrument_id integer, candle_interval market.candle_interval, opened_at timestamptz
)
language sql stable parallel safe
as $$
  with series as materialized (
    select
      i.id as instrument_id, w.candle_interval, session.name as session_name,
      wanted_symbols is null or i.symbol = any(wanted_symbols) as is_wanted,
      session.name = 'unknown'
        -- Not counted from any hour that is known, and shifting with the season.
        or (session.name = 'forex' and w.candle_interval in ('2h', '4h', '8h')) as needs_peers,
      -- Null, and so like no other, where nobody said which exchange it is.
      concat_ws(' ', i.source, i.kind, session.name, i.exchange_timezone) || ' '
        || case session.name when 'forex' then '' else coalesce(i.mic_code, i.exchange) end as venue,
      -- A bound that is null bounds nothing: neither function heeds it.
      greatest(w.oldest_at, wanted_from) as begins_at,
      least(w.newest_final_at + interval '1 microsecond', wanted_to) as ends_at
    from market.instruments i
    join market.watermarks w on w.instrument_id = i.id
    cross join lateral (
      select market.session_name(i.kind, i.exchange_timezone) as name
    ) session
    where i.is_active
      and (wanted_source is null or i.source = wanted_source)
      and (wanted_intervals is null or w.candle_interval = any(wanted_intervals))
      and w.newest_final_at is not null
      and (wanted_to is null or w.oldest_at < wanted_to)
      and (wanted_from is null or w.newest_final_at >= wanted_from)
  ), off_calendar as (
    select s.instrument_id, s.candle_interval, s.session_name, s.venue, missing.opened_at
    from series s
    -- One range of the primary key per series, whatever else is stored.
    cross join lateral (
      select e.opened_at
      from market.expected_candles(s.session_name, s.candle_interval, s.begins_at, s.ends_at) e
      except
      select c.opened_at from market.candles c
      where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
        and c.opened_at >= s.begins_at and c.opened_at < s.ends_at
        and c.is_final
    ) missing
    where s.is_wanted and not s.needs_peers
  ), stored as materialized (
    select s.instrument_id, s.candle_interval, s.venue, c.opened_at
    from series s
    cross join lateral (
      select c.opened_at from market.candles c
      where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
        and c.opened_at >= s.begins_at and c.opened_at < s.ends_at
        and c.is_final
    ) c
    where s.needs_peers
      and s.venue in (select wanted.venue from series wanted where wanted.is_wanted)
  ), lacking as (
    -- What one of the venue has is offered to each of it, and once more where it is stored: grouped and
    -- not joined, as no estimate tells the planner how many there are.
    select slot.instrument_id, slot.candle_interval, slot.venue, slot.opened_at,
      max(slot.holders) as holders
    from (
      select s.instrument_id, s.candle_interval, s.venue, held.opened_at, held.holders
      from series s
      join (
        select k.venue, k.candle_interval, k.opened_at, count(*) as holders
        from stored k
        group by k.venue, k.candle_interval, k.opened_at
      ) held on held.venue = s.venue and held.candle_interval = s.candle_interval
      where s.is_wanted and s.needs_peers
        and held.opened_at >= s.begins_at and held.opened_at < s.ends_at
      union all
      select k.instrument_id, k.candle_interval, k.venue, k.opened_at, null
      from stored k
    ) slot
    group by slot.instrument_id, slot.candle_interval, slot.venue, slot.opened_at
    having count(*) = 1 and max(slot.holders) is not null
  )
  select m.instrument_id, m.candle_interval, m.opened_at
  from off_calendar m
  cross join lateral (
    select m.opened_at at time zone 'America/New_York' as at
  ) new_york
  -- Around the daily roll at 17:00 New York, and so around the weekend, providers begin late and end
  -- early: there a forex candle is missed only where the hour was seen, now or a week from it.
  where not (
    m.session_name = 'forex' and m.candle_interval not in ('1day', '1week', '1month')
    and new_york.at::time >= time '16:00' and new_york.at::time < time '18:00'
  ) or exists (
    select
    from series peer
    join market.candles c
      on c.instrument_id = peer.instrument_id and c.candle_interval = peer.candle_interval
      and c.opened_at in (
        m.opened_at,
        (new_york.at - interval '7 days') at time zone 'America/New_York',
        (new_york.at + interval '7 days') at time zone 'America/New_York'
      )
    where peer.venue = m.venue and peer.candle_interval = m.candle_interval
  )
  union all
  select l.instrument_id, l.candle_interval, l.opened_at
  from lacking l
  -- At least half of the others that are loaded over that time have it. The count holds itself.
  where 2 * l.holders >= (
    select count(*) - 1
    from series peer
    where peer.venue = l.venue and peer.candle_interval = l.candle_interval
      and l.opened_at >= peer.begins_at and l.opened_at < peer.ends_at
  )
$$;
comment on function market.find_missing_candles(market.source, timestamptz, timestamptz, text[], text[]) is
  'One row per candle that is expected in [from, to), between the two ends of what is loaded of an '
  'active instrument, and not stored. Expected is what the calendar promises; where there is none, '
  'what at least half of the other instruments of the same exchange and kind have. An argument that '
  'is null limits nothing.';

create function market.find_gaps(
  wanted_source market.source, wanted_from timestamptz, wanted_to timestamptz,
  wanted_symbols text[] default null, wanted_intervals text[] default null
) returns table (
  source market.source, instrument_id integer, symbol text, candle_interval market.candle_interval,
  opened_from timestamptz, opened_to timestamptz, missing_candles bigint,
  last_empty_at timestamptz, ask_again_at timestamptz
)
language sql stable parallel safe
as $$
  with missing as (
    select
      m.instrument_id, m.candle_interval, m.opened_at,
      answer.opened_from as answer_from, answer.opened_to as answer_to,
      answer.last_asked_at, answer.ask_again_at
    from market.find_missing_candles(
      wanted_source, wanted_from, wanted_to, wanted_symbols, wanted_intervals
    ) m
    left join lateral (
      select a.opened_from, a.opened_to, a.last_asked_at, a.ask_again_at
      from market.gap_answers a
      where a.instrument_id = m.instrument_id and a.candle_interval = m.candle_interval
        and m.opened_at between a.opened_from and a.opened_to
      order by a.last_asked_at desc, a.opened_from, a.opened_to
      limit 1
    ) answer on true
  ), followed as (
    select
      m.*,
      lag(m.opened_at) over series as previous_at,
      lag(m.answer_from) over series as previous_answer_from,
      lag(m.answer_to) over series as previous_answer_to
    from missing m
    window series as (partition by m.instrument_id, m.candle_interval order by m.opened_at)
  ), numbered as (
    select
      f.*,
      count(*) filter (
        where f.previous_at is null
          or (f.answer_from, f.answer_to)
            is distinct from (f.previous_answer_from, f.previous_answer_to)
          or exists (
            select from market.candles c
            where c.instrument_id = f.instrument_id and c.candle_interval = f.candle_interval
              and c.opened_at > f.previous_at and c.opened_at < f.opened_at
          )
      ) over (partition by f.instrument_id, f.candle_interval order by f.opened_at) as run_number
    from followed f
  )
  select
    i.source, i.id, i.symbol, n.candle_interval,
    min(n.opened_at), max(n.opened_at), count(*), min(n.last_asked_at), min(n.ask_again_at)
  from numbered n
  join market.instruments i on i.id = n.instrument_id
  group by i.id, i.source, i.symbol, n.candle_interval, n.run_number
$$;
comment on function market.find_gaps(market.source, timestamptz, timestamptz, text[], text[]) is
  'One row per unbroken run of missing candles of one series that opened in [from, to), apart where '
  'the provider has answered for a part of it only; see find_missing_candles().';

create view market.missing_candles as
select m.instrument_id, m.candle_interval, m.opened_at
from market.find_missing_candles(null, null, null) m;
comment on view market.missing_candles is
  'One row per candle that is expected and not stored, of everything: see find_missing_candles().';
comment on column market.missing_candles.instrument_id is 'The instrument.';
comment on column market.missing_candles.candle_interval is 'The interval.';
comment on column market.missing_candles.opened_at is 'The open time that is missing.';

create view market.gaps as
select
  g.source, g.instrument_id, g.symbol, g.candle_interval, g.opened_from, g.opened_to,
  g.missing_candles, g.last_empty_at, g.ask_again_at
from market.find_gaps(null, null, null) g;
comment on view market.gaps is
  'One row per hole in the data: an unbroken run of missing candles of one series. Reads everything; '
  'for a window ask find_gaps().';
comment on column market.gaps.source is 'Where the candles of the instrument come from.';
comment on column market.gaps.instrument_id is 'The instrument.';
comment on column market.gaps.symbol is 'What the provider calls it.';
comment on column market.gaps.candle_interval is 'The interval.';
comment on column market.gaps.opened_from is 'Open time of the first missing candle.';
comment on column market.gaps.opened_to is 'Open time of the last missing candle.';
comment on column market.gaps.missing_candles is 'How many candles are missing.';
comment on column market.gaps.last_empty_at is
  'When the provider answered last that it has no data; null when it was not asked.';
comment on column market.gaps.ask_again_at is
  'Before this the provider is not asked again; null when it has not answered yet.';
