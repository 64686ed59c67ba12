-- Indicators: as aggregates for any period and window, and the usual ones together, one row a candle.

create function market.next_mean(mean double precision, value double precision, weight double precision)
returns double precision
language sql immutable parallel safe
return case
  -- A mean that only zeros follow would end in an underflow error.
  when abs(mean) < 1e-290 then value / weight
  -- In this form equal values give exactly that value.
  else mean + (value - mean) / weight
end;
comment on function market.next_mean(double precision, double precision, double precision) is
  'A running mean moved one value on: mean + (value - mean) / weight. A weight that counts 1, 2, 3 … '
  'gives the arithmetic mean so far, a constant n Wilder''s smoothed mean, (n + 1) / 2 the exponential one.';

create function market.indicator_result(state double precision[]) returns double precision
language plpgsql immutable parallel safe
as $$
begin
  return state[1];
end
$$;
comment on function market.indicator_result(double precision[]) is
  'What an indicator''s aggregate answers after a row: the first element of its state.';

-- In each state the first element is the result of the newest row, null when there is none. Of a number,
-- value - value = 0 is true when it is finite; null, NaN and infinity all say "not known".

create function market.sma_step(state double precision[], value double precision, n integer)
returns double precision[]
language plpgsql immutable parallel safe
as $$
declare
  total double precision := 0;
begin
  state[1] := null;
  if (value - value = 0 and n > 0) is not true then return state; end if;
  state[3 + state[2]::integer % n] := value;
  state[2] := state[2] + 1;
  if state[2] < n then return state; end if;
  -- Added up anew, as a sum that goes along keeps the rounding of what has left.
  for i in 3 .. n + 2 loop
    total := total + state[i];
  end loop;
  state[1] := total / n;
  return state;
end
$$;
comment on function market.sma_step(double precision[], double precision, integer) is
  'Transition of market.sma: {result, values seen, the last n values in a ring}.';

create aggregate market.sma(value double precision, n integer) (
  sfunc = market.sma_step, stype = double precision[], initcond = '{NULL,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.sma(double precision, integer) is
  'Simple moving average: the mean of the last n values (J. J. Murphy 1999, "Technical Analysis of the '
  'Financial Markets"). Null before there are n and where n < 1. A value that is null, NaN or infinite '
  'gives null and is left out. avg(value) over (… rows n-1 preceding) is faster, but not null at the begin.';

create function market.wma_step(state double precision[], value double precision, n integer)
returns double precision[]
language plpgsql immutable parallel safe
as $$
declare
  seen integer := state[2];
  total double precision := 0;
begin
  state[1] := null;
  if (value - value = 0 and n > 0) is not true then return state; end if;
  state[3 + seen % n] := value;
  state[2] := seen + 1;
  if seen + 1 < n then return state; end if;
  for age in 0 .. n - 1 loop
    total := total + (n - age) * state[3 + (seen - age) % n];
  end loop;
  state[1] := total / (n * (n + 1.0::double precision) / 2);
  return state;
end
$$;
comment on function market.wma_step(double precision[], double precision, integer) is
  'Transition of market.wma: {result, values seen, the last n values in a ring}.';

create aggregate market.wma(value double precision, n integer) (
  sfunc = market.wma_step, stype = double precision[], initcond = '{NULL,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.wma(double precision, integer) is
  'Linearly weighted moving average of the last n values: (n × newest + … + 1 × oldest) / (n (n + 1) / 2) '
  '(J. J. Murphy 1999). Null before there are n and where n < 1. A value that is null, NaN or infinite '
  'gives null and is left out.';

create function market.ema_step(state double precision[], value double precision, n integer)
returns double precision[]
language plpgsql immutable parallel safe
as $$
begin
  state[1] := null;
  if (value - value = 0 and n > 0) is not true then return state; end if;
  state[2] := state[2] + 1;
  state[3] := market.next_mean(state[3], value,
    case when state[2] <= n then state[2] else (n + 1.0::double precision) / 2 end);
  if state[2] >= n then state[1] := state[3]; end if;
  return state;
end
$$;
comment on function market.ema_step(double precision[], double precision, integer) is
  'Transition of market.ema: {result, values seen, mean so far}.';

create aggregate market.ema(value double precision, n integer) (
  sfunc = market.ema_step, stype = double precision[], initcond = '{NULL,0,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.ema(double precision, integer) is
  'Exponential moving average: EMA + (value - EMA) × 2 / (n + 1), begun with the mean of the first n '
  'values (G. Appel 2005, "Technical Analysis: Power Tools for Active Investors"). Null before there are '
  'n and where n < 1. A value that is null, NaN or infinite gives null and is left out. '
  'MACD is ema(close, 12) - ema(close, 26), its signal line the ema of that over 9.';

create function market.wilder_step(state double precision[], value double precision, n integer)
returns double precision[]
language plpgsql immutable parallel safe
as $$
begin
  state[1] := null;
  if (value - value = 0 and n > 0) is not true then return state; end if;
  state[2] := state[2] + 1;
  state[3] := market.next_mean(state[3], value, least(state[2], n));
  if state[2] >= n then state[1] := state[3]; end if;
  return state;
end
$$;
comment on function market.wilder_step(double precision[], double precision, integer) is
  'Transition of market.wilder: {result, values seen, mean so far}.';

create aggregate market.wilder(value double precision, n integer) (
  sfunc = market.wilder_step, stype = double precision[], initcond = '{NULL,0,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.wilder(double precision, integer) is
  'Wilder''s smoothed mean: (mean × (n - 1) + value) / n, begun with the mean of the first n values '
  '(J. W. Wilder 1978, "New Concepts in Technical Trading Systems"). Null before there are n and where '
  'n < 1. A value that is null, NaN or infinite gives null and is left out.';

create function market.rsi_step(state double precision[], close double precision, n integer)
returns double precision[]
language plpgsql immutable parallel safe
as $$
declare
  change double precision;
begin
  state[1] := null;
  if (close - close = 0 and n > 0) is not true then return state; end if;
  change := close - state[3];
  state[3] := close;
  if change is null then return state; end if;
  state[2] := state[2] + 1;
  state[4] := market.next_mean(state[4], greatest(change, 0), least(state[2], n));
  state[5] := market.next_mean(state[5], greatest(-change, 0), least(state[2], n));
  state[6] := case change when 0 then state[6] + 1 else 0 end;
  if state[2] >= n and state[6] < 14 * n then
    state[1] := 100 * (state[4] / nullif(state[4] + state[5], 0));
  end if;
  return state;
end
$$;
comment on function market.rsi_step(double precision[], double precision, integer) is
  'Transition of market.rsi: {result, changes seen, previous close, mean gain, mean loss, changes of '
  'zero in a row}.';

create aggregate market.rsi(close double precision, n integer) (
  sfunc = market.rsi_step, stype = double precision[], initcond = '{NULL,0,NULL,0,0,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.rsi(double precision, integer) is
  'Relative strength index, 0 to 100: 100 × mean gain / (mean gain + mean loss), both market.wilder over '
  'n changes of the close (J. W. Wilder 1978, "New Concepts in Technical Trading Systems"). 100 with '
  'gains only, 0 with losses only, null with neither, which is also said once the last 14 n changes were '
  'all zero: less than a millionth of the means is left of what came before. First known at close n + 1; '
  'null where n < 1. A close that is null, NaN or infinite gives null and is left out.';

create function market.atr_step(
  state double precision[],
  high double precision, low double precision, close double precision, n integer
) returns double precision[]
language plpgsql immutable parallel safe
as $$
declare
  true_range double precision;
begin
  state[1] := null;
  if (high - high = 0 and low - low = 0 and close - close = 0 and n > 0) is not true then
    return state;
  end if;
  if state[3] is not null then
    true_range := greatest(high, state[3]) - least(low, state[3]);
    state[2] := state[2] + 1;
    state[4] := market.next_mean(state[4], true_range, least(state[2], n));
    if state[2] >= n then state[1] := state[4]; end if;
  end if;
  state[3] := close;
  return state;
end
$$;
comment on function market.atr_step(
  double precision[], double precision, double precision, double precision, integer) is
  'Transition of market.atr: {result, true ranges seen, previous close, mean so far}.';

create aggregate market.atr(
  high double precision, low double precision, close double precision, n integer
) (
  sfunc = market.atr_step, stype = double precision[], initcond = '{NULL,0,NULL,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.atr(double precision, double precision, double precision, integer) is
  'Average true range, in the unit of the prices: market.wilder over n true ranges, each the highest of '
  'high and previous close less the lowest of low and previous close (J. W. Wilder 1978, "New Concepts '
  'in Technical Trading Systems"). The first candle has none, so it is known from candle n + 1; null '
  'where n < 1. A candle with a price that is null, NaN or infinite gives null and is left out.';

create function market.directional_index(plus double precision, minus double precision)
returns double precision
language sql immutable parallel safe
return case when plus + minus = 0 then 0 else 100 * (abs(plus - minus) / (plus + minus)) end;
comment on function market.directional_index(double precision, double precision) is
  'DX, 0 to 100, of the smoothed movements up and down: 100 × |plus - minus| / (plus + minus); 0 where '
  'there is none (J. W. Wilder 1978). Divided by the true range first, as Wilder does, it is the same.';

create function market.adx_step(
  state double precision[],
  high double precision, low double precision, close double precision, n integer
) returns double precision[]
language plpgsql immutable parallel safe
as $$
declare
  up double precision;
  down double precision;
  has_moved boolean;
  index_count double precision;
begin
  state[1] := null;
  if (high - high = 0 and low - low = 0 and close - close = 0 and n > 0) is not true then
    return state;
  end if;
  up := greatest(high - state[3], 0);
  down := greatest(state[4] - low, 0);
  if state[3] is not null then
    has_moved := up <> down;
    state[2] := state[2] + 1;
    state[5] := market.next_mean(state[5], case when up > down then up else 0 end, least(state[2], n));
    state[6] := market.next_mean(state[6], case when down > up then down else 0 end, least(state[2], n));
    state[7] := case when has_moved then 0 else state[7] + 1 end;
    index_count := state[2] - n + 1;
    if index_count > 0 then
      state[8] := market.next_mean(state[8],
        case when state[7] < 14 * n then market.directional_index(state[5], state[6]) else 0 end,
        least(index_count, n));
      if index_count >= n then state[1] := state[8]; end if;
    end if;
  end if;
  state[3] := high;
  state[4] := low;
  return state;
end
$$;
comment on function market.adx_step(
  double precision[], double precision, double precision, double precision, integer) is
  'Transition of market.adx: {result, movements seen, previous high, previous low, mean movement up, '
  'mean movement down, candles without movement in a row, mean of DX}.';

create aggregate market.adx(
  high double precision, low double precision, close double precision, n integer
) (
  sfunc = market.adx_step, stype = double precision[], initcond = '{NULL,0,NULL,NULL,0,0,0,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.adx(double precision, double precision, double precision, integer) is
  'Average directional index, 0 to 100: market.wilder over n values of DX, which is market.wilder over n '
  'movements in market.directional_index(). A candle moves up by its high less the previous one, or '
  'down by the previous low less its own, whichever is more; inside or equal it does not move (J. W. '
  'Wilder 1978, "New Concepts in Technical Trading Systems"). DX is 0 with no movement at all, which is '
  'also said once the last 14 n candles had none. Known from candle 2 n; null where n < 1. A candle with '
  'a price that is null, NaN or infinite gives null and is left out.';

create function market.stochastic_step(
  state double precision[],
  high double precision, low double precision, close double precision, n integer
) returns double precision[]
language plpgsql immutable parallel safe
as $$
declare
  place integer := 3 + 2 * (state[2]::integer % nullif(n, 0));
  highest double precision := high;
  lowest double precision := low;
begin
  state[1] := null;
  if (high - high = 0 and low - low = 0 and close - close = 0 and n > 0) is not true then
    return state;
  end if;
  state[place] := high;
  state[place + 1] := low;
  state[2] := state[2] + 1;
  if state[2] < n then return state; end if;
  for i in 1 .. n loop
    highest := greatest(highest, state[1 + 2 * i]);
    lowest := least(lowest, state[2 + 2 * i]);
  end loop;
  state[1] := 100 * ((close - lowest) / nullif(highest - lowest, 0));
  return state;
end
$$;
comment on function market.stochastic_step(
  double precision[], double precision, double precision, double precision, integer) is
  'Transition of market.stochastic: {result, candles seen, high and low of the last n in a ring}.';

create aggregate market.stochastic(
  high double precision, low double precision, close double precision, n integer
) (
  sfunc = market.stochastic_step, stype = double precision[], initcond = '{NULL,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.stochastic(double precision, double precision, double precision, integer) is
  'Raw stochastic oscillator, 0 to 100: 100 × (close - lowest low) / (highest high - lowest low) of the '
  'last n candles (G. C. Lane 1984, "Lane''s Stochastics"). Null before there are n, over a range of '
  'zero and where n < 1. A candle with a price that is null, NaN or infinite gives null and is left out. '
  'The slow %K is its mean over 3 rows, %D the mean of %K over 3.';

create function market.roc_step(state double precision[], close double precision, n integer)
returns double precision[]
language plpgsql immutable parallel safe
as $$
declare
  place integer := 3 + state[2]::integer % nullif(n, 0);
  past double precision := state[place];
begin
  state[1] := null;
  if (close - close = 0 and n > 0) is not true then return state; end if;
  state[place] := close;
  state[2] := state[2] + 1;
  state[1] := 100 * ((close - past) / nullif(past, 0));
  return state;
end
$$;
comment on function market.roc_step(double precision[], double precision, integer) is
  'Transition of market.roc: {result, closes seen, the last n closes in a ring}.';

create aggregate market.roc(close double precision, n integer) (
  sfunc = market.roc_step, stype = double precision[], initcond = '{NULL,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.roc(double precision, integer) is
  'Rate of change in per cent: 100 × (close / close n before - 1) (J. J. Murphy 1999, "Technical Analysis '
  'of the Financial Markets"). Null before close n + 1, against a close of zero and where n < 1. A close '
  'that is null, NaN or infinite gives null and is left out.';

create function market.obv_step(state double precision[], close double precision, volume double precision)
returns double precision[]
language plpgsql immutable parallel safe
as $$
begin
  state[1] := null;
  if (close - close = 0) is not true then return state; end if;
  state[3] := state[3] + coalesce(sign(close - state[2]), 0)
    * case when volume - volume = 0 then volume end;
  state[2] := close;
  state[1] := state[3];
  return state;
end
$$;
comment on function market.obv_step(double precision[], double precision, double precision) is
  'Transition of market.obv: {result, previous close, volume so far}.';

create aggregate market.obv(close double precision, volume double precision) (
  sfunc = market.obv_step, stype = double precision[], initcond = '{NULL,NULL,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.obv(double precision, double precision) is
  'On-balance volume, in units traded: 0 at the first candle, then plus the volume of a candle that '
  'closes higher than the one before and minus that of one that closes lower (J. E. Granville 1963, '
  '"Granville''s New Key to Stock Market Profits"). From a volume that is null, NaN or infinite on it is '
  'null. A close that is null, NaN or infinite gives null and its candle is left out.';

create function market.vwap_step(
  state double precision[],
  high double precision, low double precision, close double precision, volume double precision
) returns double precision[]
language plpgsql immutable parallel safe
as $$
begin
  state[1] := null;
  if (high - high = 0 and low - low = 0 and close - close = 0) is not true then return state; end if;
  state[2] := state[2] + case when volume - volume = 0 then volume end;
  state[3] := state[3] + (high + low + close) / 3 * volume;
  state[1] := state[3] / nullif(state[2], 0);
  return state;
end
$$;
comment on function market.vwap_step(
  double precision[], double precision, double precision, double precision, double precision) is
  'Transition of market.vwap: {result, volume so far, volume times price so far}.';

create aggregate market.vwap(
  high double precision, low double precision, close double precision, volume double precision
) (
  sfunc = market.vwap_step, stype = double precision[], initcond = '{NULL,0,0}',
  finalfunc = market.indicator_result, parallel = safe
);
comment on aggregate market.vwap(
  double precision, double precision, double precision, double precision) is
  'Volume-weighted average price, in the unit of the prices: the sum of (high + low + close) / 3 × volume '
  'by that of the volumes, since the window''s begin (S. A. Berkowitz, D. E. Logue, E. A. Noser 1988, "The '
  'Total Cost of Transactions on the NYSE"; typical price as usual on charts). Null while no volume was '
  'traded, and from a volume that is null, NaN or infinite on. A price that is null, NaN or infinite '
  'gives null and its candle is left out.';

-- The same over a whole series at once, for market.indicators(): a loop over an array takes a fifth of
-- the time of an aggregate that is called for every row. The first element of a result belongs to the
-- first candle at which the indicator is known.

create function market.mean_series(
  wanted_values double precision[], n integer, weight double precision
) returns double precision[]
language plpgsql immutable strict parallel safe
as $$
declare
  means double precision[] := wanted_values;
begin
  if cardinality(means) < n then return '{}'; end if;
  for i in 2 .. n loop
    means[i] := market.next_mean(means[i - 1], means[i], i);
  end loop;
  for i in n + 1 .. cardinality(means) loop
    means[i] := market.next_mean(means[i - 1], means[i], weight);
  end loop;
  return means[n:];
end
$$;
comment on function market.mean_series(double precision[], integer, double precision) is
  'market.ema (weight = (n + 1) / 2) or market.wilder (weight = n) of a series, from its n-th value on.';

create function market.rsi_series(closes double precision[], n integer) returns double precision[]
language plpgsql immutable strict parallel safe
as $$
declare
  results double precision[] := closes;
  change double precision;
  gain double precision := 0;
  loss double precision := 0;
  weight double precision;
  unchanged_count integer := 0;
begin
  for i in 2 .. cardinality(closes) loop
    if i <= n + 1 then weight := i - 1; end if;
    change := closes[i] - closes[i - 1];
    gain := market.next_mean(gain, greatest(change, 0), weight);
    loss := market.next_mean(loss, greatest(-change, 0), weight);
    unchanged_count := case change when 0 then unchanged_count + 1 else 0 end;
    results[i] := case when unchanged_count < 14 * n and gain + loss > 0
      then 100 * (gain / (gain + loss)) else 'NaN' end;
  end loop;
  return results[n + 1:];
end
$$;
comment on function market.rsi_series(double precision[], integer) is
  'market.rsi of a series, from its close n + 1 on; NaN where that is null.';

create function market.adx_series(highs double precision[], lows double precision[], n integer)
returns double precision[]
language plpgsql immutable strict parallel safe
as $$
declare
  indices double precision[] := highs;
  up double precision;
  down double precision;
  plus double precision := 0;
  minus double precision := 0;
  weight double precision;
  unmoved_count integer := 0;
begin
  for i in 2 .. cardinality(highs) loop
    if i <= n + 1 then weight := i - 1; end if;
    up := greatest(highs[i] - highs[i - 1], 0);
    down := greatest(lows[i - 1] - lows[i], 0);
    plus := market.next_mean(plus, case when up > down then up else 0 end, weight);
    minus := market.next_mean(minus, case when down > up then down else 0 end, weight);
    unmoved_count := case when up = down then unmoved_count + 1 else 0 end;
    indices[i] := case when unmoved_count < 14 * n
      then market.directional_index(plus, minus) else 0 end;
  end loop;
  return market.mean_series(indices[n + 1:], n, n);
end
$$;
comment on function market.adx_series(double precision[], double precision[], integer) is
  'market.adx of the highs and lows of a series, from its candle 2 n on.';

create function market.warmed_up_candles(
  wanted_instrument_id integer, wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns table (
  opened_at timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric,
  candle_number integer, is_wanted boolean
)
language plpgsql stable parallel safe rows 1100
as $$
declare
  first_at constant timestamptz := coalesce(wanted_from, '-infinity');
  warm_up_from timestamptz;
begin
  select min(e.opened_at) into warm_up_from
  from (
    select a.opened_at
    from market.all_candles a
    where a.instrument_id = wanted_instrument_id and a.candle_interval = wanted_interval
      and a.opened_at < first_at
    order by a.opened_at desc
    limit 600
  ) e;
  return query
    select
      c.opened_at, c.open, c.high, c.low, c.close, c.volume,
      (row_number() over (order by c.opened_at))::integer, c.opened_at >= first_at
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
      and c.opened_at >= coalesce(warm_up_from, first_at)
      and c.opened_at < coalesce(wanted_to, 'infinity')
    order by c.opened_at;
end
$$;
comment on function market.warmed_up_candles(
  integer, market.candle_interval, timestamptz, timestamptz) is
  'The candles that opened in [wanted_from, wanted_to) and up to 600 before them, as '
  'market.candles_adjusted has them, numbered from 1; is_wanted tells which is which. After 600 candles '
  'the begin of the slowest indicator, adx_14, weighs less than 1e-15.';

create function market.vwap_series(
  wanted_instrument_id integer, wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns double precision[]
language plpgsql stable parallel safe
as $$
declare
  is_intraday constant boolean := wanted_interval not in ('1day', '1week', '1month');
  first_at timestamptz := coalesce(wanted_from, '-infinity');
  session_name text;
  timezone text;
  read_from timestamptz := first_at;
  first_date date;
begin
  if is_intraday then
    select market.session_name(i.kind, i.exchange_timezone), i.exchange_timezone
    into session_name, timezone
    from market.instruments i
    where i.id = wanted_instrument_id;
    select a.opened_at, market.trading_date(a.opened_at, session_name, timezone)
    into first_at, first_date
    from market.all_candles a
    where a.instrument_id = wanted_instrument_id and a.candle_interval = wanted_interval
      and a.opened_at >= first_at
    order by a.opened_at
    limit 1;
    -- No date is longer than that in any time zone.
    read_from := first_at - interval '25 hours';
  end if;
  return (
    select array_agg(coalesce(v.vwap, 'NaN') order by v.opened_at)
    from (
      select
        s.opened_at,
        case when count(s.volume) over so_far = count(*) over so_far then
          (sum((s.high + s.low + s.close) * s.volume) over so_far)::double precision
            / nullif(3 * sum(s.volume) over so_far, 0)::double precision end as vwap
      from (
        select
          c.opened_at, c.high, c.low, c.close, c.volume,
          case when is_intraday
            then market.trading_date(c.opened_at, session_name, timezone) end as session_date
        from market.candles_adjusted c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
          and c.opened_at >= read_from and c.opened_at < coalesce(wanted_to, 'infinity')
      ) s
      where not is_intraday or s.session_date >= first_date
      window so_far as (partition by s.session_date order by s.opened_at)
    ) v
    where v.opened_at >= first_at
  );
end
$$;
comment on function market.vwap_series(
  integer, market.candle_interval, timestamptz, timestamptz) is
  'As market.vwap at each candle that opened in [wanted_from, wanted_to), from the open of its session for '
  'intervals below a day and from wanted_from otherwise; NaN where that is null.';

create function market.indicators(
  wanted_instrument_id integer, wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz
) returns table (
  opened_at timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric,
  sma_20 double precision, sma_50 double precision, sma_200 double precision,
  ema_12 double precision, ema_20 double precision, ema_26 double precision,
  wma_20 double precision,
  macd double precision, macd_signal double precision, macd_histogram double precision,
  rsi_14 double precision,
  bollinger_middle double precision, bollinger_upper double precision,
  bollinger_lower double precision,
  atr_14 double precision, stochastic_k double precision, stochastic_d double precision,
  obv double precision, vwap double precision, roc_20 double precision,
  donchian_upper double precision, donchian_lower double precision, adx_14 double precision
)
language sql stable parallel safe rows 500
as $$
  -- The planner drops columns that are not selected, and what is below runs only when one is.
  with candles as materialized (
    select *
    from market.warmed_up_candles(wanted_instrument_id, wanted_interval, wanted_from, wanted_to)
  ),
  first_wanted as materialized (
    select min(c.candle_number) as candle_number from candles c where c.is_wanted
  ),
  closes as materialized (
    select array_agg(c.close::double precision order by c.candle_number) as series from candles c
  ),
  ema_12 as materialized (select market.mean_series(c.series, 12, 6.5) as series from closes c),
  ema_26 as materialized (select market.mean_series(c.series, 26, 13.5) as series from closes c),
  macd_signal as materialized (
    select market.mean_series(array_agg(e.fast - e.slow order by e.place), 9, 5) as series
    from unnest((select f.series[15:] from ema_12 f), (select s.series from ema_26 s))
      with ordinality e (fast, slow, place)
  ),
  true_ranges as materialized (
    select array_agg(r.true_range::double precision order by r.candle_number) as series
    from (
      select
        c.candle_number,
        greatest(c.high, lag(c.close) over in_time) - least(c.low, lag(c.close) over in_time)
          as true_range
      from candles c
      window in_time as (order by c.candle_number)
    ) r
    where r.candle_number > 1
  ),
  -- Sums of numeric are exact, and move along with their window. Each step reads no more candles before
  -- the first wanted one than its longest window needs.
  windowed_long as (
    select
      c.*,
      case when c.candle_number >= 50
        then (sum(c.close) over last_50)::double precision / 50 end as sma_50,
      case when c.candle_number >= 200
        then (sum(c.close) over last_200)::double precision / 200 end as sma_200
    from candles c
    where c.candle_number > (select f.candle_number from first_wanted f) - 200
    window
      last_50 as (order by c.candle_number rows 49 preceding),
      last_200 as (order by c.candle_number rows 199 preceding)
  ),
  windowed as (
    select
      c.*,
      case when c.candle_number >= 20
        then (sum(c.close) over last_20)::double precision / 20 end as sma_20,
      -- The candle of number i weighs i - (newest - 20).
      case when c.candle_number >= 20 then (
        sum(c.close * c.candle_number) over last_20
          - (c.candle_number - 20) * sum(c.close) over last_20
      )::double precision / 210 end as wma_20,
      sqrt((
        20 * sum(c.close * c.close) over last_20
          - (sum(c.close) over last_20) * (sum(c.close) over last_20)
      )::double precision) / 20 as deviation_20,
      case when c.candle_number >= 14 then 100 * (
        (c.close - min(c.low) over last_14)::double precision
          / nullif((max(c.high) over last_14) - (min(c.low) over last_14), 0)::double precision
      ) end as raw_stochastic,
      c.volume * case
        when c.candle_number = (select f.candle_number from first_wanted f) then 0
        when c.is_wanted then sign(c.close - lag(c.close) over in_time)
      end as signed_volume,
      100 * (
        (c.close - lag(c.close, 20) over in_time)::double precision
          / nullif(lag(c.close, 20) over in_time, 0)::double precision
      ) as roc_20,
      case when c.candle_number >= 20
        then (max(c.high) over last_20)::double precision end as donchian_upper,
      case when c.candle_number >= 20
        then (min(c.low) over last_20)::double precision end as donchian_lower
    from windowed_long c
    where c.candle_number > (select f.candle_number from first_wanted f) - 21
    window
      in_time as (order by c.candle_number),
      last_14 as (in_time rows 13 preceding),
      last_20 as (in_time rows 19 preceding)
  ),
  smoothed_once as (
    select
      w.*,
      case when count(w.raw_stochastic) over last_3 = 3
        then avg(w.raw_stochastic) over last_3 end as stochastic_k,
      case when count(w.signed_volume) over so_far = count(*) filter (where w.is_wanted) over so_far
        then (sum(w.signed_volume) over so_far)::double precision end as obv
    from windowed w
    window
      so_far as (order by w.candle_number rows unbounded preceding),
      last_3 as (order by w.candle_number rows 2 preceding)
  ),
  smoothed_twice as (
    select
      o.*,
      case when count(o.stochastic_k) over last_3 = 3
        then avg(o.stochastic_k) over last_3 end as stochastic_d
    from smoothed_once o
    window last_3 as (order by o.candle_number rows 2 preceding)
  ),
  complete as (
    select
      t.*,
      (select e.series from ema_12 e)[t.candle_number - 11] as ema_12,
      (select e.series from ema_26 e)[t.candle_number - 25] as ema_26,
      (select s.series from macd_signal s)[t.candle_number - 33] as macd_signal
    from smoothed_twice t
    where t.is_wanted
  )
  select
    c.opened_at, c.open, c.high, c.low, c.close, c.volume,
    c.sma_20, c.sma_50, c.sma_200,
    c.ema_12,
    (select market.mean_series(s.series, 20, 10.5) from closes s)[c.candle_number - 19],
    c.ema_26,
    c.wma_20,
    c.ema_12 - c.ema_26, c.macd_signal, c.ema_12 - c.ema_26 - c.macd_signal,
    nullif((select market.rsi_series(s.series, 14) from closes s)[c.candle_number - 14], 'NaN'),
    c.sma_20, c.sma_20 + 2 * c.deviation_20, c.sma_20 - 2 * c.deviation_20,
    (select market.mean_series(r.series, 14, 14) from true_ranges r)[c.candle_number - 14],
    c.stochastic_k, c.stochastic_d, c.obv,
    nullif((
      select market.vwap_series(wanted_instrument_id, wanted_interval, wanted_from, wanted_to)
    )[c.candle_number - (select f.candle_number from first_wanted f) + 1], 'NaN'),
    c.roc_20, c.donchian_upper, c.donchian_lower,
    (
      select market.adx_series(
        array_agg(s.high::double precision order by s.candle_number),
        array_agg(s.low::double precision order by s.candle_number), 14)
      from candles s
    )[c.candle_number - 27]
  from complete c
  order by c.candle_number
$$;
comment on function market.indicators(integer, market.candle_interval, timestamptz, timestamptz) is
  'The candles of one instrument that opened in [wanted_from, wanted_to), ascending, at the price level of '
  'today (market.candles_adjusted), each with the usual indicators; a null bound limits nothing. Candles '
  'are counted, not time: a gap is passed over; the forming candle is the newest one. Each indicator is '
  'null until there are candles enough. 600 earlier candles warm it up, after which more of them change '
  'nothing beyond 1e-9. Select the columns you need: others cost nothing. '
  'sma_20, sma_50, sma_200: market.sma of the close. ema_12, ema_20, ema_26: market.ema. wma_20: market.wma. '
  'macd: ema_12 - ema_26; macd_signal: market.ema of it over 9; macd_histogram: macd - macd_signal (G. Appel '
  '2005, "Technical Analysis: Power Tools for Active Investors"). rsi_14: market.rsi, 0 to 100. '
  'bollinger_middle: sma_20; bollinger_upper and bollinger_lower: 2 standard deviations (of the population) '
  'of the 20 closes above and below it (J. Bollinger 2001, "Bollinger on Bollinger Bands"). atr_14: '
  'market.atr. stochastic_k: mean of the last 3 of market.stochastic over 14; stochastic_d: mean of the last '
  '3 stochastic_k; null when one of the three is. obv: market.obv from 0 at the first candle returned, '
  'however far the warm-up reaches. vwap: market.vwap from the open of the session (market.trading_date) '
  'for intervals below a day, also when the page starts inside one, and from the first candle returned '
  'otherwise; null from a missing volume on. roc_20: market.roc, per cent. donchian_upper, '
  'donchian_lower: highest high and lowest low of 20 candles, this one included (R. Donchian). adx_14: '
  'market.adx, 0 to 100. Averages, bands, channels, MACD, ATR and VWAP are in the unit of the prices.';
