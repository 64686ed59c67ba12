-- The market at a glance. Per cents are compared over all instruments; units and money are not: units
-- are never summed over instruments, and money only within one currency.

create function market.overview(wanted_source market.source, as_of timestamptz)
returns table (
  instrument_id integer, symbol text, slug text, name text, kind text, currency text,
  price numeric, priced_at timestamptz, price_age interval, is_forming boolean,
  change_1h_percent double precision, change_24h_percent double precision,
  change_7d_percent double precision, change_30d_percent double precision,
  change_ytd_percent double precision, change_1y_percent double precision,
  volume_24h numeric, turnover_24h numeric, sparkline double precision[]
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
  select
    i.id, i.symbol, i.slug, i.name, i.kind,
    coalesce(i.currency, nullif(split_part(i.symbol, '/', 2), '')),
    p.price, p.priced_at, p.price_age, p.is_forming,
    p.change_1h_percent, p.change_24h_percent, p.change_7d_percent, p.change_30d_percent,
    p.change_ytd_percent, p.change_1y_percent,
    day.volume, day.turnover,
    case when cardinality(line.closes) <= 60 then line.closes
      else array(
        select line.closes[n]
        from (
          select ceil(cardinality(line.closes) / 60.0)::integer as step
        ) every
        cross join lateral generate_series(
          1 + (cardinality(line.closes) - 1) % every.step, cardinality(line.closes), every.step) n
        order by n
      ) end
  from market.instruments i
  left join lateral market.price_changes(i.id, as_of) p on true
  left join lateral market.last_24_hours(
    i.id, p.candle_interval, p.opened_at, p.priced_at) day on true
  left join lateral (
    select
      array(
        select c.close::double precision
        from market.candles_adjusted c
        where c.instrument_id = i.id and c.candle_interval = step.candle_interval
          and c.opened_at > p.priced_at - interval '168 hours'
          and c.opened_at < p.priced_at - market.interval_duration(step.candle_interval)
        order by c.opened_at
      ) || array_remove(array[p.price::double precision], null) as closes
    from (
      -- What 7 days have at most 60 of.
      select case when i.kind in ('stock', 'etf', 'index') then '1h' else '4h' end as few
    ) sparse
    cross join lateral (
      select case when exists (
        select
        from market.all_candles c
        where c.instrument_id = i.id and c.candle_interval = sparse.few
          and c.opened_at > p.priced_at - interval '168 hours' and c.opened_at <= p.priced_at
      ) then sparse.few else p.candle_interval end as candle_interval
      offset 0
    ) step
    offset 0
  ) line on true
  where i.source = wanted_source and i.is_active;
end
$$;
comment on function market.overview(market.source, timestamptz) is
  'Every active instrument of a source as of an instant, in no order: the latest price, its age and its '
  'changes over real time as market.price_changes(); units and money traded in the 24 hours before it as '
  'market.last_24_hours(), in the currency of the row: of two rows add money only when that is the same, '
  'and units never; a line of at most 60 closes of the 7 days before it that ends with it, from hourly '
  'candles for what trades at an exchange and 4-hourly ones else, thinned out where those are not stored. '
  'Null (the line empty) where nothing is known.';

create function market.movers(wanted_source market.source, as_of timestamptz)
returns table (
  span text, instrument_id integer, symbol text, slug text, name text, kind text, currency text,
  price numeric, priced_at timestamptz, price_age interval, change_percent double precision,
  gainer_rank bigint, loser_rank bigint
)
language plpgsql stable parallel safe
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select
    over.span, i.id, i.symbol, i.slug, i.name, i.kind,
    coalesce(i.currency, nullif(split_part(i.symbol, '/', 2), '')),
    p.price, p.priced_at, p.price_age, over.change_percent,
    case when over.change_percent > 0 then
      rank() over (partition by over.span order by over.change_percent desc nulls last) end,
    case when over.change_percent < 0 then
      rank() over (partition by over.span order by over.change_percent) end
  from market.instruments i
  left join lateral market.price_changes(i.id, as_of) p on true
  cross join lateral (
    values
      ('1h', p.change_1h_percent), ('24h', p.change_24h_percent), ('7d', p.change_7d_percent),
      ('30d', p.change_30d_percent), ('ytd', p.change_ytd_percent), ('1y', p.change_1y_percent)
  ) over (span, change_percent)
  where i.source = wanted_source and i.is_active;
end
$$;
comment on function market.movers(market.source, timestamptz) is
  'Every active instrument of a source and span (1h, 24h, 7d, 30d, ytd, 1y) as of an instant, with its '
  'change as market.price_changes() and its place among those that rose (gainer_rank, 1 is the top '
  'gainer) or fell (loser_rank); equal ones share a place, and both are null where nothing changed or '
  'the change is not known. Per cents of all kinds and currencies are compared, each in its own currency '
  'and before its own latest price: price_age tells those that are stale. In no order.';

create function market.breadth(wanted_source market.source, as_of timestamptz)
returns table (
  span text, kind text, instruments bigint, known bigint, rising bigint, falling bigint,
  unchanged bigint, rising_percent double precision
)
language sql stable parallel safe
as $$
  select
    m.span, m.kind, count(*), count(m.change_percent),
    count(*) filter (where m.change_percent > 0), count(*) filter (where m.change_percent < 0),
    count(*) filter (where m.change_percent = 0),
    100.0::double precision * count(*) filter (where m.change_percent > 0)
      / nullif(count(m.change_percent), 0)
  from market.movers(wanted_source, as_of) m
  group by grouping sets ((m.span, m.kind), (m.span))
$$;
comment on function market.breadth(market.source, timestamptz) is
  'One row per span and kind, and one per span over all kinds (kind is null): how many active '
  'instruments there are, of how many the change is known, how many of these rose, fell and stayed, and '
  'the share of those that rose in per cent, null when none is known. Stale prices count too, with their '
  'changes of long ago: market.movers() tells their price_age. In no order.';

create function market.class_performance(wanted_source market.source, as_of timestamptz)
returns table (
  span text, kind text, instruments bigint, average_change_percent double precision,
  median_change_percent double precision,
  best_symbol text, best_change_percent double precision,
  worst_symbol text, worst_change_percent double precision
)
language sql stable parallel safe
as $$
  select
    m.span, m.kind, count(*), avg(m.change_percent),
    percentile_cont(0.5) within group (order by m.change_percent),
    (array_agg(m.symbol order by m.change_percent desc, m.symbol))[1], max(m.change_percent),
    (array_agg(m.symbol order by m.change_percent, m.symbol))[1], min(m.change_percent)
  from market.movers(wanted_source, as_of) m
  where m.change_percent is not null
  group by m.span, m.kind
$$;
comment on function market.class_performance(market.source, timestamptz) is
  'One row per span and kind of which a change is known: how many instruments, the average and the '
  'median of their changes in per cent, each counting the same whatever it costs, and the best and the '
  'worst performer (of equal ones the first by symbol). Stale prices count too, with their changes of '
  'long ago: market.movers() tells their price_age. In no order.';

create function market.turnover_by_currency(wanted_source market.source, as_of timestamptz)
returns table (kind text, currency text, instruments bigint, turnover_24h numeric)
language sql stable parallel safe
as $$
  select o.kind, o.currency, count(*), sum(o.turnover_24h)
  from market.overview(wanted_source, as_of) o
  where o.turnover_24h is not null and o.currency is not null
  group by o.kind, o.currency
$$;
comment on function market.turnover_by_currency(market.source, timestamptz) is
  'The money traded in the 24 hours before each latest price (market.last_24_hours()), one row per kind '
  'and currency, in that currency, of the instruments of which both are known: money of unknown currencies '
  'cannot be added. In no order.';
