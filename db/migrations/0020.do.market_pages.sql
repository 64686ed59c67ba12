-- What the market's pages ask for: figures in which no stale price counts, and lines that are thinned out
-- to what a chart can draw.

create function market.stale_prices(wanted_source market.source, as_of timestamptz)
returns table (
  instrument_id integer, symbol text, candle_interval market.candle_interval,
  priced_at timestamptz, due_at timestamptz
)
language sql stable parallel safe
as $$
  select i.id, i.symbol, p.candle_interval, p.priced_at, s.due_at
  from (
    -- As a rule there is none, and then no price is looked up.
    select f.instrument_id, f.candle_interval, f.due_at
    from market.freshness_at(wanted_source, as_of) f
    where f.state = 'stale'
    offset 0
  ) s
  join market.instruments i on i.id = s.instrument_id
  join market.fetched_intervals f on f.instrument_id = i.id
  cross join lateral market.known_price(
    i.id, f.intervals, i.exchange_timezone, i.session_closes, true, as_of) p
  where p.candle_interval = s.candle_interval
$$;
comment on function market.stale_prices(market.source, timestamptz) is
  'The active instruments of a source whose latest price (market.price_changes()) is older than their '
  'market lets it be: the series of the candle that it is from lacks the next candle that the calendar '
  'promises, 90 minutes after that ended (market.freshness_at()). A price of a closed market is not '
  'stale, nor is one whose other series lag behind it. A source that is null limits nothing.';

create function market.span_summary(
  wanted_source market.source, as_of timestamptz, wanted_span text
) returns table (
  kind text, instruments bigint, stale bigint, known bigint, rising bigint, falling bigint,
  unchanged bigint, rising_percent double precision,
  average_change_percent double precision, median_change_percent double precision,
  best_symbol text, best_change_percent double precision,
  worst_symbol text, worst_change_percent double precision
)
language sql stable parallel safe
as $$
  select
    m.kind, count(*), count(*) filter (where m.is_stale), count(m.change_percent),
    count(*) filter (where m.change_percent > 0), count(*) filter (where m.change_percent < 0),
    count(*) filter (where m.change_percent = 0),
    100.0::double precision * count(*) filter (where m.change_percent > 0)
      / nullif(count(m.change_percent), 0),
    avg(m.change_percent), percentile_cont(0.5) within group (order by m.change_percent),
    (array_agg(m.symbol order by m.change_percent desc, m.symbol)
      filter (where m.change_percent is not null))[1],
    max(m.change_percent),
    (array_agg(m.symbol order by m.change_percent, m.symbol)
      filter (where m.change_percent is not null))[1],
    min(m.change_percent)
  from (
    select
      m.kind, m.symbol, s.instrument_id is not null as is_stale,
      case when s.instrument_id is null then m.change_percent end as change_percent
    from market.movers(wanted_source, as_of) m
    left join market.stale_prices(wanted_source, as_of) s on s.instrument_id = m.instrument_id
    where m.span = wanted_span
  ) m
  group by grouping sets ((m.kind), ())
  having count(*) > 0
$$;
comment on function market.span_summary(market.source, timestamptz, text) is
  'Breadth and class performance over one span (1h, 24h, 7d, 30d, ytd, 1y) as of an instant, one row per '
  'kind and one over all of them (kind is null), without stale prices (market.stale_prices()), whose '
  'changes are of another day: stale says how many are left out. instruments counts the active ones, '
  'known those whose change is known and current; the rest as market.breadth() and '
  'market.class_performance(), which count stale prices too. In no order.';

create function market.current_turnover(wanted_source market.source, as_of timestamptz)
returns table (kind text, currency text, instruments bigint, turnover_24h numeric)
language sql stable parallel safe
as $$
  select o.kind, o.currency, count(*), sum(o.turnover_24h)
  from market.overview(wanted_source, as_of) o
  where o.turnover_24h is not null and o.currency is not null
    and not exists (
      select from market.stale_prices(wanted_source, as_of) s
      where s.instrument_id = o.instrument_id
    )
  group by o.kind, o.currency
$$;
comment on function market.current_turnover(market.source, timestamptz) is
  'market.turnover_by_currency() without stale prices (market.stale_prices()), whose 24 hours are others: '
  'money traded, estimated from typical prices, a row per kind and currency. In no order.';

create function market.is_shown_point(place bigint, places bigint, wanted_points integer)
returns boolean
language sql immutable parallel safe
return wanted_points is null or coalesce(
  place = 1
  -- Of the rest, cut into wanted_points - 1 even stretches, the last place of each.
  or (place - 2) * (greatest(wanted_points, 2) - 1) / nullif(places - 1, 0)
    <> (place - 1) * (greatest(wanted_points, 2) - 1) / nullif(places - 1, 0),
  true);
comment on function market.is_shown_point(bigint, bigint, integer) is
  'Whether the point at place (1 is the first) of so many is shown when at most wanted_points may be, at '
  'least 2: the first, and the last of each of wanted_points - 1 even stretches of the others, so that both '
  'ends are as they are. All of them when there are no more; null wanted_points limits nothing.';

create function market.compared_lines(
  wanted_instrument_ids integer[], wanted_interval market.candle_interval,
  wanted_from timestamptz, wanted_to timestamptz, wanted_points integer
) returns table (instrument_id integer, opened_at timestamptz, value double precision)
language sql stable parallel safe
as $$
  with lines as materialized (
    select l.instrument_id, l.opened_at, l.value
    from market.rebased(wanted_instrument_ids, wanted_interval, wanted_from, wanted_to) l
  ),
  common as (
    select
      c.opened_at, row_number() over (order by c.opened_at) as place, count(*) over () as places
    from (
      select l.opened_at
      from lines l
      group by l.opened_at
      having count(*) = (select count(distinct a.instrument_id) from lines a)
    ) c
  )
  select l.instrument_id, l.opened_at, l.value
  from common c
  join lines l on l.opened_at = c.opened_at
  where market.is_shown_point(c.place, c.places, wanted_points)
$$;
comment on function market.compared_lines(
  integer[], market.candle_interval, timestamptz, timestamptz, integer) is
  'The lines of market.rebased() at the instants that all of them have, in at most wanted_points points '
  '(2 at least) for a chart: the first one, then the last value of each of as many even stretches, so '
  'that first and last are exact and no value is an average. Null wanted_points leaves nothing out.';

create function market.moving_average_points(
  wanted_instrument_id integer, wanted_from timestamptz, wanted_to timestamptz, points integer
) returns table (
  traded_on date, close numeric, average_7_days double precision, average_30_days double precision
)
language sql stable parallel safe
as $$
  select n.traded_on, n.close, n.average_7_days, n.average_30_days
  from (
    select
      a.traded_on, a.close, a.average_7_days, a.average_30_days,
      row_number() over (order by a.traded_on) as place, count(*) over () as places
    from market.moving_averages_of_days(wanted_instrument_id, wanted_from, wanted_to) a
  ) n
  where market.is_shown_point(n.place, n.places, points)
$$;
comment on function market.moving_average_points(integer, timestamptz, timestamptz, integer) is
  'market.moving_averages_of_days() for a chart: at most points (at least 2) of its rows, chosen as '
  'market.compared_lines() does; the averages are still over 7 and 30 days.';

create function market.class_members(
  wanted_source market.source, wanted_kinds text[], wanted_from timestamptz, wanted_to timestamptz
) returns table (
  instrument_id integer, symbol text, slug text, kind text, first_on date, last_on date, left_out text
)
language sql stable parallel safe
as $$
  select
    m.id, m.symbol, m.slug, m.kind,
    (m.first_at at time zone 'UTC')::date, (m.last_at at time zone 'UTC')::date,
    case
      when m.first_at is null then 'no_candle'
      when m.last_at < max(m.last_at) over () - interval '168 hours' then 'ended'
      when m.first_at > min(m.first_at) over () + interval '168 hours' and wanted_from is not null
        then 'late'
    end
  from (
    select i.id, i.symbol, i.slug, i.kind, ends.first_at, ends.last_at
    from market.instruments i
    cross join lateral (
      select min(c.opened_at) as first_at, max(c.opened_at) as last_at
      from market.all_candles c
      where c.instrument_id = i.id and c.candle_interval = '1day'
        and c.opened_at >= coalesce(wanted_from, '-infinity')
        and c.opened_at < coalesce(wanted_to, 'infinity')
    ) ends
    where i.source = wanted_source and i.is_active and i.kind = any (wanted_kinds)
  ) m
$$;
comment on function market.class_members(market.source, text[], timestamptz, timestamptz) is
  'The active instruments of some kinds, with the dates of their first and last daily candle in '
  '[wanted_from, wanted_to), and why one is better left out when all of them are compared over their '
  'common dates (market.rebased(), market.performance_ranking()), which it would cut short: no_candle; '
  'ended: more than 7 days before the newest of them; late: it begins more than 7 days after the oldest, '
  'unless wanted_from is null. left_out is null for all others.';
