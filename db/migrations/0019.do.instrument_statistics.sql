-- What the page of one instrument draws of its daily closes, in buckets that a chart can hold.

create function market.return_distribution(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz,
  most_buckets integer default 30
) returns table (
  lower_percent double precision, upper_percent double precision, return_count bigint,
  share_percent double precision
)
language sql stable parallel safe
as $$
  with returns as materialized (
    -- Decimals, so that 0.15 lies on an edge of buckets of 0.05; a float keeps 15 digits.
    select d.return_percent::numeric as percent
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
    where d.return_percent is not null
  ), ends as (
    select min(r.percent) as lowest, max(r.percent) as highest, count(*) as total from returns r
  ), buckets as materialized (
    select
      w.width, floor(e.lowest / w.width) as first_number, floor(e.highest / w.width) as last_number,
      e.total
    from ends e
    cross join lateral (
      -- Prices have 20 digits before the point and 15 behind it: no return is beyond 1e37 per cent.
      select step * power(10::numeric, exponent) as width
      from generate_series(-2, 37) exponent, unnest(array[1, 2, 5]) step
    ) w
    where floor(e.highest / w.width) - floor(e.lowest / w.width)
      < greatest(coalesce(most_buckets, 30), 2)
    order by w.width
    limit 1
  )
  select
    (bucket.number * b.width)::double precision, ((bucket.number + 1) * b.width)::double precision,
    count(r.percent), 100.0::double precision * count(r.percent) / b.total
  from buckets b
  cross join lateral generate_series(b.first_number, b.last_number) bucket (number)
  left join returns r on floor(r.percent / b.width) = bucket.number
  group by bucket.number, b.width, b.total
$$;
comment on function market.return_distribution(integer, timestamptz, timestamptz, integer) is
  'How the returns of market.daily_closes() are distributed: buckets of one width, each from its lower '
  'edge (inclusive) to its upper one (exclusive), from that with the lowest return to that with the '
  'highest, empty ones between them included; none is open-ended, so an outlier makes all of them wider. '
  'The width is the smallest of 1, 2 and 5 times a power of ten, at least 0.01 per cent, of which at most '
  'most_buckets (at least 2) are needed; 0 is an edge, so that no bucket holds rises and falls. No row '
  'without a return. share_percent is of all returns in the window. In no order.';

create function market.drawdown_path(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz,
  most_points integer default 250
) returns table (
  traded_on date, depth_percent double precision, first_on date, last_on date, close_count bigint
)
language sql stable parallel safe
as $$
  with days as materialized (
    select d.traded_on, d.close, d.previous_on, d.previous_close
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
  ), path as (
    select d.traded_on, d.close from days d
    union all
    select f.previous_on, f.previous_close
    from (
      select d.previous_on, d.previous_close from days d order by d.traded_on limit 1
    ) f
    where f.previous_on is not null
  ), depths as (
    select
      p.traded_on,
      -- A price of 0 is not below a highest of 0.
      coalesce(market.change_percent(max(p.close) over so_far, p.close), 0) as depth,
      row_number() over so_far - 1 as number, count(*) over () as total
    from path p
    window so_far as (order by p.traded_on rows unbounded preceding)
  )
  select
    (array_agg(d.traded_on order by d.depth, d.traded_on))[1], min(d.depth),
    min(d.traded_on), max(d.traded_on), count(*)
  from depths d
  group by d.number * least(d.total, greatest(coalesce(most_points, 250), 1)) / d.total
$$;
comment on function market.drawdown_path(integer, timestamptz, timestamptz, integer) is
  'How far each close of the final daily candles dated in [from, to) is below the highest so far, the '
  'last close before from included as in market.drawdowns(): 100 (close / highest - 1), never above 0. '
  'At most most_points rows (at least 1): with more closes than that each row is of as many consecutive '
  'closes as the others, one more or less, from first_on to last_on, and has the deepest of them with '
  'its date, of equal ones the first. In no order.';

create function market.yearly_returns(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz
) returns table (
  year integer, return_percent double precision, first_on date, last_on date, return_count bigint
)
language sql stable parallel safe
as $$
  select y.year, case when y.first_on < y.last_on then market.change_percent(y.first, y.last) end,
    y.first_on, y.last_on, y.return_count
  from (
    select
      extract(year from d.traded_on)::integer as year,
      min(coalesce(d.previous_on, d.traded_on)) as first_on, max(d.traded_on) as last_on,
      (array_agg(coalesce(d.previous_close, d.close) order by d.traded_on))[1] as first,
      (array_agg(d.close order by d.traded_on desc))[1] as last,
      count(d.return_percent) as return_count
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
    group by extract(year from d.traded_on)
  ) y
$$;
comment on function market.yearly_returns(integer, timestamptz, timestamptz) is
  'One row per calendar year that has final daily candles dated in [from, to): its last close against '
  'the last one before the year (first_on), which is what its monthly returns compound to, in per cent. '
  'Bounds, a first year and gaps as in market.monthly_returns(). In no order.';
