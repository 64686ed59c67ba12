-- Several instruments side by side. Returns are aligned on the instants that both of a pair have, and
-- nothing is carried forward across a closed market.

create function market.rebased(
  wanted_instrument_ids integer[], wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns table (instrument_id integer, opened_at timestamptz, value double precision)
language sql stable parallel safe
as $$
  with series as materialized (
    select l.instrument_id, l.opened_at, l.close
    from (
      select
        c.instrument_id, c.opened_at,
        -- A week or month with a split inside is scaled as its first date: its close is the last day's.
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
      where c.instrument_id = any (wanted_instrument_ids)
        and c.candle_interval = wanted_interval
        and c.opened_at >= coalesce(wanted_from, '-infinity')
        and c.opened_at < coalesce(wanted_to, 'infinity')
    ) l
    where l.close is not null
  )
  select
    s.instrument_id, s.opened_at,
    -- Every series has a candle at the common start, so that the first is the one to divide by.
    100 * s.close / first_value(s.close) over (partition by s.instrument_id order by s.opened_at)
  from series s
  where s.opened_at >= (
    select min(common.opened_at)
    from (
      select c.opened_at
      from series c
      where c.close > 0
      group by c.opened_at
      having count(*) = (select count(distinct a.instrument_id) from series a)
    ) common
  )
$$;
comment on function market.rebased(integer[], market.candle_interval, timestamptz, timestamptz) is
  'Lines that all begin at 100, to compare prices of any size and currency: 100 × close / close at the '
  'common start, the first instant in [wanted_from, wanted_to) at which all of them have a candle with a '
  'close above 0. One row per instrument and candle from there on, each at its own instants; nothing is '
  'filled in, no currency is converted. value - 100 is the compounded return since the common start, in '
  'per cent. Closes are adjusted for splits, that of a week or month with a split inside is the close of '
  'its last day (without its days it is left out); a forming candle counts as the newest value. An '
  'instrument without a candle in the window is left out; without a common start there is no row. A '
  'bound that is null bounds nothing, here and in all that follow.';

create function market.aligned_returns(
  wanted_instrument_ids integer[], other_instrument_ids integer[],
  wanted_interval market.candle_interval, wanted_from timestamptz, wanted_to timestamptz
) returns table (
  instrument_id integer, other_instrument_id integer,
  opened_at timestamptz, previous_opened_at timestamptz,
  return_percent double precision, other_return_percent double precision
)
language sql stable parallel safe
as $$
  -- As arrays, each pair is joined by itself: a join of all candles would depend on the planner's guess
  -- of their number, and becomes a nested loop where that is low.
  with series as materialized (
    select
      l.instrument_id, array_agg(l.opened_at order by l.opened_at) as instants,
      array_agg(l.close order by l.opened_at) as closes
    from (
      select
        c.instrument_id, c.opened_at,
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
      where c.instrument_id = any (wanted_instrument_ids || other_instrument_ids)
        and c.candle_interval = wanted_interval
        and c.opened_at >= coalesce(wanted_from, '-infinity')
        and c.opened_at < coalesce(wanted_to, 'infinity')
        and c.is_final
    ) l
    where l.close is not null
    group by l.instrument_id
  )
  select
    a.instrument_id, b.instrument_id, r.opened_at, r.previous_opened_at,
    r.return_percent, r.other_return_percent
  from series a
  cross join series b
  cross join lateral (
    select
      opened_at,
      lag(opened_at) over by_time as previous_opened_at,
      100 * x.close / nullif(lag(x.close) over by_time, 0) - 100 as return_percent,
      100 * y.close / nullif(lag(y.close) over by_time, 0) - 100 as other_return_percent
    from unnest(a.instants, a.closes) x (opened_at, close)
    join unnest(b.instants, b.closes) y (opened_at, close) using (opened_at)
    window by_time as (order by opened_at)
  ) r
  where a.instrument_id = any (wanted_instrument_ids)
    and b.instrument_id = any (other_instrument_ids)
    and r.return_percent is not null and r.other_return_percent is not null
$$;
comment on function market.aligned_returns(
  integer[], integer[], market.candle_interval, timestamptz, timestamptz) is
  'Simple returns in per cent of each wanted instrument beside those of each other one, over the same '
  'spans of time: from one instant at which both have a final candle to the next such instant, '
  '100 × close / close at previous_opened_at - 100. So from Friday to Monday for a stock beside crypto, '
  'and across a holiday of either exchange; nothing is filled in. Instants are compared as they open: '
  'hourly candles of US stocks begin at half past and have none in common with those of crypto. Candles '
  'in [wanted_from, wanted_to), null bounds nothing, closes adjusted for splits as in market.rebased(); no '
  'row after a close of 0.';

create function market.correlation_of_sums(
  observations bigint, sum_of_squares double precision, other_sum_of_squares double precision,
  sum_of_products double precision
) returns double precision
language sql immutable parallel safe
return case
  when observations >= 3
    and sum_of_squares > 1e-20 * observations and other_sum_of_squares > 1e-20 * observations
  -- Of a series with itself exactly 1: sqrt(x × x) is x.
  then greatest(-1, least(1, sum_of_products / sqrt(sum_of_squares * other_sum_of_squares)))
end;
comment on function market.correlation_of_sums(
  bigint, double precision, double precision, double precision) is
  'Pearson''s correlation of returns in per cent, Sxy / sqrt(Sxx × Syy) of the sums of squared and '
  'multiplied deviations from the mean, within [-1, 1]. Null below 3 observations, as 2 always give 1 or '
  '-1, and when the returns of one do not vary: a standard deviation of at most 1e-10 per cent is what '
  'rounding leaves of none.';

create function market.correlations(
  wanted_instrument_ids integer[], wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns table (
  instrument_id integer, other_instrument_id integer, correlation double precision,
  observations integer
)
language sql stable parallel safe
as $$
  with pairs as materialized (
    select
      r.instrument_id, r.other_instrument_id, count(*) as observations,
      regr_sxx(r.other_return_percent, r.return_percent) as sum_of_squares,
      regr_syy(r.other_return_percent, r.return_percent) as other_sum_of_squares,
      regr_sxy(r.other_return_percent, r.return_percent) as sum_of_products
    from market.aligned_returns(
      wanted_instrument_ids, wanted_instrument_ids, wanted_interval, wanted_from, wanted_to) r
    -- Half of the matrix; the other half mirrors it.
    where r.instrument_id <= r.other_instrument_id
    group by r.instrument_id, r.other_instrument_id
  )
  select
    a.id, b.id,
    market.correlation_of_sums(
      p.observations, p.sum_of_squares, p.other_sum_of_squares, p.sum_of_products),
    coalesce(p.observations, 0)::integer
  from market.instruments a
  join market.instruments b on b.id = any (wanted_instrument_ids)
  left join pairs p
    on p.instrument_id = least(a.id, b.id) and p.other_instrument_id = greatest(a.id, b.id)
  where a.id = any (wanted_instrument_ids)
$$;
comment on function market.correlations(
  integer[], market.candle_interval, timestamptz, timestamptz) is
  'Correlation matrix: Pearson''s correlation of the aligned returns (market.aligned_returns) of each two '
  'of the instruments, and how many returns they have in common. Both triangles, and the diagonal, which '
  'is 1. Null below 3 common returns and when the returns of one do not vary, on the diagonal too. One '
  'row per ordered pair of instruments that exist, without candles too; an id named twice counts once.';

create function market.rolling_correlation(
  wanted_instrument_id integer, other_instrument_id integer,
  wanted_interval market.candle_interval, wanted_from timestamptz, wanted_to timestamptz,
  wanted_returns integer
) returns table (opened_at timestamptz, correlation double precision)
language sql stable parallel safe
as $$
  select
    r.opened_at,
    case when count(*) over newest >= wanted_returns then market.correlation_of_sums(
      count(*) over newest,
      regr_sxx(r.other_return_percent, r.return_percent) over newest,
      regr_syy(r.other_return_percent, r.return_percent) over newest,
      regr_sxy(r.other_return_percent, r.return_percent) over newest)
    end
  from market.aligned_returns(
    array[wanted_instrument_id], array[other_instrument_id],
    wanted_interval, wanted_from, wanted_to) r
  window newest as (
    order by r.opened_at rows between greatest(wanted_returns, 1) - 1 preceding and current row)
$$;
comment on function market.rolling_correlation(
  integer, integer, market.candle_interval, timestamptz, timestamptz, integer) is
  'Pearson''s correlation of the newest wanted_returns common returns (market.aligned_returns) at each '
  'instant that has one. Null until there are so many in [wanted_from, wanted_to), when the returns of '
  'one do not vary, and always for fewer than 3.';

create function market.betas(
  wanted_instrument_ids integer[], wanted_benchmark_id integer,
  wanted_interval market.candle_interval, wanted_from timestamptz, wanted_to timestamptz
) returns table (instrument_id integer, beta double precision, observations integer)
language sql stable parallel safe
as $$
  select
    i.id,
    case when r.observations >= 3 and r.benchmark_sum_of_squares > 1e-20 * r.observations
      then r.sum_of_products / r.benchmark_sum_of_squares end,
    coalesce(r.observations, 0)::integer
  from market.instruments i
  left join (
    select
      a.instrument_id, count(*) as observations,
      regr_sxx(a.return_percent, a.other_return_percent) as benchmark_sum_of_squares,
      regr_sxy(a.return_percent, a.other_return_percent) as sum_of_products
    from market.aligned_returns(
      wanted_instrument_ids, array[wanted_benchmark_id], wanted_interval, wanted_from, wanted_to) a
    group by a.instrument_id
  ) r on r.instrument_id = i.id
  where i.id = any (wanted_instrument_ids)
$$;
comment on function market.betas(
  integer[], integer, market.candle_interval, timestamptz, timestamptz) is
  'How strongly each instrument moves with the benchmark: covariance of their aligned returns '
  '(market.aligned_returns) / variance of the benchmark''s (Sharpe, 1964). 1 of the benchmark itself. '
  'Null below 3 common returns and when the benchmark''s returns do not vary; 0 for a flat instrument. '
  'One row per instrument that exists.';

create function market.risk_and_return(
  wanted_instrument_ids integer[], wanted_from timestamptz, wanted_to timestamptz
) returns table (
  instrument_id integer, first_traded_on date, last_traded_on date, observations integer,
  return_percent_per_year double precision, volatility_percent_per_year double precision
)
language sql stable parallel safe
as $$
  select
    y.instrument_id, y.first_traded_on, y.last_traded_on, y.observations,
    case
      when y.observations < 3 then null
      when y.growth = 0 then -100
      -- Beyond e^700, and where the first close is 0, it is not a number to show.
      when abs(ln(y.growth) * y.per_year) <= 700 then 100 * exp(ln(y.growth) * y.per_year) - 100
    end,
    case when y.observations >= 3 then y.deviation_percent * sqrt(y.periods) end
  from (
    select
      i.id as instrument_id, d.first_traded_on, d.last_traded_on, d.observations,
      d.deviation_percent,
      d.last_close / nullif(d.first_close, 0) as growth,
      365.2425 / nullif(d.last_traded_on - d.first_traded_on, 0) as per_year,
      market.periods_per_year(i.kind) as periods
    from market.instruments i
    join (
      select
        r.instrument_id,
        min(r.traded_on) as first_traded_on, max(r.traded_on) as last_traded_on,
        min(r.first_close) as first_close, min(r.last_close) as last_close,
        count(r.return_percent)::integer as observations,
        stddev_samp(r.return_percent) as deviation_percent
      from (
        select
          c.instrument_id, (c.opened_at at time zone 'UTC')::date as traded_on,
          first_value(c.close::double precision) over by_date as first_close,
          last_value(c.close::double precision) over (
            by_date rows between unbounded preceding and unbounded following) as last_close,
          100 * c.close::double precision
            / nullif(lag(c.close::double precision) over by_date, 0) - 100 as return_percent
        from market.candles_adjusted c
        where c.instrument_id = any (wanted_instrument_ids)
          and c.candle_interval = '1day'
          and c.opened_at >= coalesce(wanted_from, '-infinity')
          and c.opened_at < coalesce(wanted_to, 'infinity')
          and c.is_final
        window by_date as (partition by c.instrument_id order by c.opened_at)
      ) r
      group by r.instrument_id
    ) d on d.instrument_id = i.id
  ) y
$$;
comment on function market.risk_and_return(integer[], timestamptz, timestamptz) is
  'Return and risk of each instrument a year, over its final daily candles in [wanted_from, wanted_to), '
  'null bounds nothing, closes adjusted for splits, from the first close inside (market.performance() '
  'from the last one before). return_percent_per_year: compounded over real time, '
  '100 × ((last close / first close) ^ (365.2425 / days between them) - 1), so that a missing day changes '
  'nothing. volatility_percent_per_year: sample standard deviation of the simple daily returns in per '
  'cent × sqrt(market.periods_per_year(kind)): 365 for crypto, 260 for forex and commodities, 252 else. '
  'observations counts those returns. Each has its own dates: compare only '
  'where they agree. Both null below 3 returns; the return also where the first close is 0 and where a '
  'short window would give a number beyond e^700. An instrument without a candle gives no row.';

create function market.performance_ranking(
  wanted_instrument_ids integer[], wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns table (
  instrument_id integer, place integer, return_percent double precision,
  started_at timestamptz, ended_at timestamptz
)
language sql stable parallel safe
as $$
  with lines as materialized (
    select l.instrument_id, l.opened_at, l.value
    from market.rebased(wanted_instrument_ids, wanted_interval, wanted_from, wanted_to) l
  ),
  shared as (
    select min(common.opened_at) as started_at, max(common.opened_at) as ended_at
    from (
      select l.opened_at
      from lines l
      group by l.opened_at
      having count(*) = (select count(distinct a.instrument_id) from lines a)
    ) common
  )
  select
    l.instrument_id, (rank() over (order by l.value desc))::integer, l.value - 100,
    s.started_at, s.ended_at
  from shared s
  join lines l on l.opened_at = s.ended_at
$$;
comment on function market.performance_ranking(
  integer[], market.candle_interval, timestamptz, timestamptz) is
  'Compounded return of each instrument over the same window, best first: '
  '100 × (close / close at started_at - 1), which is the product of all 1 + r in between less 1. '
  'started_at and ended_at are the first and last instants in [wanted_from, wanted_to) at which all that '
  'have a candle there have one (market.rebased), as they open; equal returns share a place. A forming '
  'candle counts. It starts at the first close inside, market.performance() at the last one before. Without '
  'a common instant there is no row. A bound that is null bounds nothing.';

create function market.class_trends(
  wanted_source market.source, wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns table (
  kind text, opened_at timestamptz, value double precision, instrument_count integer
)
language sql stable parallel safe
as $$
  select t.kind, t.opened_at, t.value, t.instrument_count::integer
  from (
    select
      k.kind, l.opened_at, avg(l.value) as value, count(*) as instrument_count,
      -- All of a class have a candle at its start.
      max(count(*)) over (partition by k.kind) as class_count
    from (
      select i.kind, array_agg(i.id) as instrument_ids
      from market.instruments i
      where i.source = wanted_source and i.is_active
      group by i.kind
    ) k
    cross join lateral market.rebased(
      k.instrument_ids, wanted_interval, wanted_from, wanted_to) l
    group by k.kind, l.opened_at
  ) t
  where t.instrument_count = t.class_count
$$;
comment on function market.class_trends(
  market.source, market.candle_interval, timestamptz, timestamptz) is
  'Price trend of each kind of instrument of a source: the mean of the lines of its active instruments '
  'that all begin at 100 (market.rebased), at the instants at which all of them have a candle. So it is '
  'what equal amounts put into each at the common start have become, free of currencies and price levels. '
  'instrument_count says how many it stands for: those without a candle in [wanted_from, wanted_to) are '
  'left out. A kind without a common start gives no row; one with a late newcomer starts late. A bound '
  'that is null bounds nothing.';

create function market.moving_averages_of_days(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz
) returns table (
  traded_on date, close numeric, average_7_days double precision, average_30_days double precision
)
language sql stable parallel safe
as $$
  select
    (d.opened_at at time zone 'UTC')::date, d.close,
    case when h.begins_at <= d.opened_at - interval '144 hours' then d.average_7_days end,
    case when h.begins_at <= d.opened_at - interval '696 hours' then d.average_30_days end
  from (
    select
      c.opened_at, c.close,
      -- Hours, as a day of an interval is one of the connection's time zone.
      (avg(c.close) over (order by c.opened_at
        range between interval '144 hours' preceding and current row))::double precision
        as average_7_days,
      (avg(c.close) over (order by c.opened_at
        range between interval '696 hours' preceding and current row))::double precision
        as average_30_days
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id
      and c.candle_interval = '1day'
      and c.opened_at >= coalesce(wanted_from, '-infinity') - interval '696 hours'
      and c.opened_at < coalesce(wanted_to, 'infinity')
      and c.is_final
  ) d
  cross join (
    select min(c.opened_at) as begins_at
    from market.all_candles c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = '1day'
  ) h
  where d.opened_at >= coalesce(wanted_from, '-infinity')
$$;
comment on function market.moving_averages_of_days(integer, timestamptz, timestamptz) is
  'Simple moving averages over 7 and 30 days of real time, not over 7 and 30 candles: the mean of the '
  'closes dated in the 7 (30) calendar dates up to and with traded_on, which of a stock are about 5 (21). '
  'One row per final daily candle in [wanted_from, wanted_to), with earlier ones read for the averages. '
  'Null where the stored daily candles do not reach back that far. Closes adjusted for splits, in the '
  'currency of the price. A bound that is null bounds nothing.';
