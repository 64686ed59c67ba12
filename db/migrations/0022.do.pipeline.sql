-- What the pipeline's page and a watch of one's own ask for: how each series stands, and what each day
-- has cost.

create function market.series_health(
  wanted_source market.source, as_of timestamptz, wanted_from timestamptz
) returns table (
  source market.source, instrument_id integer, symbol text, candle_interval market.candle_interval,
  state text, newest_final_at timestamptz, newest_closed_at timestamptz, age_seconds double precision,
  due_at timestamptz, calendar text, expected_candles bigint, have_candles bigint,
  missing_candles bigint, percent double precision
)
language sql stable parallel safe
-- Short questions of many parts: compiling them takes longer than answering them.
set jit = off
as $$
  with months as (
    select
      c.instrument_id, c.candle_interval, min(c.calendar) as calendar,
      sum(c.expected_candles)::bigint as expected,
      -- Where a calendar is known for a part of the window, only that part can be counted.
      coalesce(
        sum(c.have_candles) filter (where c.calendar is not null), sum(c.have_candles)
      )::bigint as have,
      sum(c.missing_candles)::bigint as missing
    from market.find_completeness(wanted_source, wanted_from, as_of) c
    group by c.instrument_id, c.candle_interval
  )
  select
    f.source, f.instrument_id, f.symbol, f.candle_interval, f.state, f.newest_final_at,
    f.newest_closed_at, f.age_seconds, f.due_at, m.calendar, m.expected, m.have, m.missing,
    case when m.calendar is not null then
      (100 * m.have / nullif(m.expected, 0)::numeric)::double precision
    end
  from market.freshness_at(wanted_source, as_of) f
  left join months m
    on m.instrument_id = f.instrument_id and m.candle_interval = f.candle_interval
$$;
comment on function market.series_health(market.source, timestamptz, timestamptz) is
  'How each loaded series of the active instruments of a source stands at an instant: freshness_at(), and '
  'find_completeness() summed over the months of [from, as_of). One row a series, those without a candle '
  'in the window with nulls in its figures. A source or from that is null limits nothing; without from '
  'every candle is read.';

create function market.credits_by_day(
  wanted_source market.source, wanted_from timestamptz, wanted_to timestamptz
) returns table (day_on date, plan_credits integer, run_credits bigint, run_count bigint)
language sql stable parallel safe
set jit = off
as $$
  with days as (
    select day::date as day_on
    from generate_series(
      date_trunc('day', wanted_from at time zone 'UTC'),
      wanted_to at time zone 'UTC' - interval '1 microsecond',
      interval '1 day'
    ) day
  ), spent as (
    select (r.started_at at time zone 'UTC')::date as day_on, count(distinct r.id) as run_count,
      coalesce(sum(s.credits), 0)::bigint as credits
    from market.runs r
    left join market.run_steps s on s.run_id = r.id
    where r.source = wanted_source
      and r.started_at >= date_trunc('day', wanted_from at time zone 'UTC') at time zone 'UTC'
      and r.started_at < wanted_to
    group by 1
  )
  select d.day_on, w.credits, coalesce(s.credits, 0), coalesce(s.run_count, 0)
  from days d
  left join spent s on s.day_on = d.day_on
  left join market.credit_windows w
    on w.source = wanted_source and w.kind = 'day'
    and w.started_at = d.day_on::timestamp at time zone 'UTC'
$$;
comment on function market.credits_by_day(market.source, timestamptz, timestamptz) is
  'What each UTC day of [from, to), whole days at its begin, has cost: as the plan counts '
  '(credit_windows), and as the runs that began that day noted with their steps. One row a day, those '
  'without a run too.';
