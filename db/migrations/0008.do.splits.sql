-- Splits. Candles stay as they were traded; market.candles_adjusted is continuous over every split.

create table market.splits (
  instrument_id integer not null,
  split_on date not null,
  from_factor numeric not null,
  to_factor numeric not null,
  description text,
  origin text not null,
  recorded_at timestamptz not null,
  constraint splits_pkey primary key (instrument_id, split_on),
  constraint splits_instrument_exists
    foreign key (instrument_id) references market.instruments (id),
  -- NaN is above infinity to PostgreSQL.
  constraint splits_factors_are_positive check (
    from_factor > 0 and from_factor < 'infinity' and to_factor > 0 and to_factor < 'infinity'),
  constraint splits_origin_is_known check (origin in ('provider', 'import'))
);
comment on table market.splits is
  'One row per split of an instrument that has taken place: to_factor old shares became from_factor new ones.';
comment on column market.splits.instrument_id is 'The instrument.';
comment on column market.splits.split_on is
  'The first date, at its exchange, that trades at the new price.';
comment on column market.splits.from_factor is 'New shares for to_factor old ones: 4 of a 4-for-1 split.';
comment on column market.splits.to_factor is 'Old shares that became from_factor new ones: 1 of a 4-for-1 split.';
comment on column market.splits.description is 'What its origin calls it; null when it says nothing.';
comment on column market.splits.origin is 'Who said so: provider, or import for a file of the operator.';
comment on column market.splits.recorded_at is 'When this row was written last.';

-- numeric_mul is exact, where exp(sum(ln())) would not be.
create aggregate market.product(numeric) (sfunc = numeric_mul, stype = numeric);
comment on aggregate market.product(numeric) is 'Exact product of the values; null of none.';

create function market.scaled(amount numeric, numerator numeric, denominator numeric)
returns numeric
language sql immutable parallel safe
return case
  when numerator is null then amount
  -- Digits enough before the division that only the last rounding counts.
  else trim_scale(round(round(amount * numerator, 28) / denominator, 12))
end;
comment on function market.scaled(numeric, numeric, numeric) is
  'amount × numerator / denominator, rounded half up to 12 decimals; the amount itself, untouched, '
  'when the numerator is null.';

create view market.price_levels as
select
  s.instrument_id,
  lag(s.split_on) over (partition by s.instrument_id order by s.split_on) as starts_on,
  s.split_on as ends_on,
  s.split_on::timestamp at time zone coalesce(i.exchange_timezone, 'UTC') as ends_at,
  lag(s.split_on::timestamp at time zone coalesce(i.exchange_timezone, 'UTC'))
    over (partition by s.instrument_id order by s.split_on) as starts_at,
  market.product(s.to_factor) over (partition by s.instrument_id order by s.split_on desc)
    as numerator,
  market.product(s.from_factor) over (partition by s.instrument_id order by s.split_on desc)
    as denominator
from market.splits s
join market.instruments i on i.id = s.instrument_id;
comment on view market.price_levels is
  'One row per instrument and stretch of dates that ends with a split, with the product of the factors '
  'of that split and of all later ones. There is none after the newest split: prices there are as they are.';
comment on column market.price_levels.instrument_id is 'The instrument.';
comment on column market.price_levels.starts_on is 'First date of the stretch; null for all before.';
comment on column market.price_levels.ends_on is 'The date of the split that ends it, exclusive.';
comment on column market.price_levels.ends_at is 'The first instant of ends_on at the exchange (UTC where it has no zone).';
comment on column market.price_levels.starts_at is 'The first instant of starts_on at the exchange.';
comment on column market.price_levels.numerator is
  'Prices of the stretch × numerator / denominator are prices of today.';
comment on column market.price_levels.denominator is
  'Volumes of the stretch × denominator / numerator are volumes of today.';

create view market.candles_adjusted as
select
  c.instrument_id,
  c.candle_interval,
  c.opened_at,
  market.scaled(c.open, l.numerator, l.denominator) as open,
  market.scaled(c.high, l.numerator, l.denominator) as high,
  market.scaled(c.low, l.numerator, l.denominator) as low,
  market.scaled(c.close, l.numerator, l.denominator) as close,
  market.scaled(c.volume, l.denominator, l.numerator) as volume,
  c.is_final,
  c.run_id,
  c.loaded_at,
  coalesce(trim_scale(round(round(l.numerator, 36) / l.denominator, 20)), 1) as price_factor,
  coalesce(
    c.candle_interval in ('1week', '1month') and l.ends_on::timestamp at time zone 'UTC'
      < market.candle_closes_at(c.candle_interval, c.opened_at, null, null), false) as spans_split
from market.candles c
left join market.price_levels l
  on l.instrument_id = c.instrument_id
  -- A candle of a day or longer carries its date as 00:00 UTC; an intraday one has the local date.
  and c.opened_at < case when c.candle_interval in ('1day', '1week', '1month')
    then l.ends_on::timestamp at time zone 'UTC' else l.ends_at end
  and c.opened_at >= coalesce(
    case when c.candle_interval in ('1day', '1week', '1month')
      then l.starts_on::timestamp at time zone 'UTC' else l.starts_at end, '-infinity');
comment on view market.candles_adjusted is
  'market.candles at the price level of today, continuous over every split in market.splits: prices '
  'times to_factor / from_factor of each split after the candle''s trading date, volumes divided by it. '
  'The factor is an exact fraction; a result is rounded to 12 decimals. Candles after the last split '
  'are as they were stored. The trading date is that of the candle''s first instant at its exchange.';
comment on column market.candles_adjusted.instrument_id is 'The instrument.';
comment on column market.candles_adjusted.candle_interval is 'How long the candle lasts.';
comment on column market.candles_adjusted.opened_at is 'The instant the candle opened.';
comment on column market.candles_adjusted.open is 'First price, adjusted.';
comment on column market.candles_adjusted.high is 'Highest price, adjusted.';
comment on column market.candles_adjusted.low is 'Lowest price, adjusted.';
comment on column market.candles_adjusted.close is 'Last price, adjusted.';
comment on column market.candles_adjusted.volume is 'Units traded, adjusted; null when not reported.';
comment on column market.candles_adjusted.is_final is 'False while the candle is still forming.';
comment on column market.candles_adjusted.run_id is 'The run that wrote the candle last.';
comment on column market.candles_adjusted.loaded_at is 'When that run fetched it.';
comment on column market.candles_adjusted.price_factor is
  'What the prices were multiplied by, to 20 decimals; 1 after the last split.';
comment on column market.candles_adjusted.spans_split is
  'True for a week or month with a split inside: its stored prices mix two levels, and all of them are '
  'adjusted as those of its first date. Take its daily candles instead.';

-- Restatements of the last days are found without reading all of them.
create index candle_revisions_by_valid_until on market.candle_revisions (valid_until);

create function market.daily_jumps(since timestamptz)
returns table (
  instrument_id integer, opened_at timestamptz, open numeric, previous_opened_at timestamptz,
  previous_close numeric, turnover_ratio numeric
)
language sql stable parallel safe
as $$
  select i.id, day.opened_at, day.open, day.previous_opened_at, day.previous_close,
    day.turnover / nullif(day.previous_turnover, 0)
  from market.instruments i
  cross join lateral (
    select
      c.opened_at, c.open, c.close * c.volume as turnover,
      lag(c.opened_at) over by_time as previous_opened_at,
      lag(c.close) over by_time as previous_close,
      lag(c.close * c.volume) over by_time as previous_turnover
    from market.candles c
    where c.instrument_id = i.id and c.candle_interval = '1day' and c.is_final
      and c.opened_at >= coalesce((
        select p.opened_at from market.candles p
        where p.instrument_id = i.id and p.candle_interval = '1day' and p.is_final
          and p.opened_at < since
        order by p.opened_at desc limit 1
      ), since)
    window by_time as (order by c.opened_at)
  ) day
  where i.kind in ('stock', 'etf')
    and day.opened_at >= since
    -- Over a long hole in the candles prices move by themselves.
    and day.opened_at <= day.previous_opened_at + interval '336 hours'
    and day.previous_close > 0 and day.open > 0
$$;
comment on function market.daily_jumps(timestamptz) is
  'Every final daily candle of a stock or ETF that opened since then, beside the one before it: '
  'what is needed to see a split. turnover_ratio compares the money traded (close × volume); null '
  'when a volume is not reported.';

create function market.unrecorded_splits(since timestamptz)
returns table (
  instrument_id integer, opened_at timestamptz, new_shares numeric, old_shares numeric, detail text
)
language sql stable parallel safe
as $$
  -- The few jumps first: candles are read once, however the rest is joined.
  with jumps as materialized (
    select j.*, j.open / j.previous_close as ratio
    from market.daily_jumps(since) j
    where j.open / j.previous_close not between 0.78 and 1.28
  )
  select j.instrument_id, j.opened_at, usual.new_shares, usual.old_shares,
    format('close %s, then open %s: looks like a split of %s:%s that is not recorded',
      j.previous_close, j.open, usual.new_shares, usual.old_shares)
  from jumps j
  cross join lateral (
    select u.new_shares, u.old_shares
    from (
      select n as new_shares, 1 as old_shares, 0.06 as tolerance, 0 as least_turnover, 4 as most_turnover
      from unnest(array[2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100]) n
      union all
      select 1, n, 0.06, 0, 4
      from unnest(array[2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100]) n
      union all
      select n, m, 0.015, 0.4, 1.5 from (values (3, 2), (4, 3), (2, 3), (3, 4)) small (n, m)
    ) u
    where abs(j.ratio * u.new_shares / u.old_shares - 1) <= u.tolerance
      and (
        j.turnover_ratio between u.least_turnover and u.most_turnover
        -- A whole ratio is told by the price alone where no volume is reported.
        or (j.turnover_ratio is null and 1 in (u.new_shares, u.old_shares))
      )
    order by abs(j.ratio * u.new_shares / u.old_shares - 1)
    limit 1
  ) usual
  where
    not exists (
      select from market.splits s
      where s.instrument_id = j.instrument_id
        and s.split_on > (j.previous_opened_at at time zone 'UTC')::date
        and s.split_on <= (j.opened_at at time zone 'UTC')::date
    )
    -- Where the provider re-adjusted up to this candle, the jump is told as that.
    and not exists (
      select from market.candle_revisions r
      join market.candles c
        on c.instrument_id = r.instrument_id and c.candle_interval = r.candle_interval
        and c.opened_at = r.opened_at and c.run_id = r.replaced_by_run_id
      where r.instrument_id = j.instrument_id and r.candle_interval = '1day'
        and r.opened_at = j.opened_at and c.open / nullif(r.open, 0) not between 0.78 and 1.28
    )
$$;
comment on function market.unrecorded_splits(timestamptz) is
  'Final daily candles since then whose open is to the close before as after a usual split that is not '
  'in market.splits. n:1 and 1:n of 2 to 8, 10, 15, 20, 25, 30, 50 and 100: within 6 %, when not more '
  'than 4 times the money of the day before was traded, as in a crash or a take-over. 3:2, 4:3 and '
  'their reverse: within 1.5 %, when the money traded is known and 0.4 to 1.5 times that. Finer splits '
  '(5:4) cannot be told from a bad day. A false alarm ends with a recorded split of 1:1.';

create function market.splits_without_jump(since timestamptz)
returns table (
  instrument_id integer, split_on date, from_factor numeric, to_factor numeric, detail text
)
language sql stable parallel safe
as $$
  select s.instrument_id, s.split_on, s.from_factor, s.to_factor,
    format('a split of %s:%s is recorded, but close %s is followed by open %s: the history before it '
      'is already adjusted; load it again, or record the split as 1:1',
      trim_scale(s.from_factor), trim_scale(s.to_factor), before.close, after.open)
  from market.splits s
  cross join lateral (
    select c.opened_at, c.open
    from market.candles c
    where c.instrument_id = s.instrument_id and c.candle_interval = '1day' and c.is_final
      and c.opened_at >= s.split_on::timestamp at time zone 'UTC'
    order by c.opened_at
    limit 1
  ) after
  cross join lateral (
    select c.opened_at, c.close
    from market.candles c
    where c.instrument_id = s.instrument_id and c.candle_interval = '1day' and c.is_final
      and c.opened_at < s.split_on::timestamp at time zone 'UTC'
    order by c.opened_at desc
    limit 1
  ) before
  where s.split_on >= (since at time zone 'UTC')::date
    and greatest(s.from_factor / s.to_factor, s.to_factor / s.from_factor) >= 1.4
    -- Over a long hole in the candles prices move by themselves.
    and after.opened_at <= before.opened_at + interval '336 hours'
    and before.close > 0 and after.open > 0
    -- Less than a quarter of the way to where the split would have brought it.
    and abs(ln(after.open / before.close)) < abs(ln(s.from_factor / s.to_factor)) / 4
$$;
comment on function market.splits_without_jump(timestamptz) is
  'Recorded splits of 1.4:1 and more since then at which the daily candles do not jump: what lies '
  'before was adjusted by the provider, though raw prices are asked for.';

create function market.restated_levels(since timestamptz)
returns table (
  instrument_id integer, candle_interval market.candle_interval, restated_at timestamptz,
  price_factor numeric, detail text
)
language sql stable parallel safe
as $$
  select g.instrument_id, g.candle_interval, g.restated_at, trim_scale(round(g.factor, 6)),
    format('%s candles from %s to %s were restated by the factor %s: older ones, up to %s, are still at '
      'the level before; load them again',
      g.candles, to_char(g.first_opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
      to_char(g.last_opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
      trim_scale(round(g.factor, 6)),
      to_char(older.opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
  from (
    select
      r.instrument_id, r.candle_interval, min(r.valid_until) as restated_at,
      min(r.opened_at) as first_opened_at, max(r.opened_at) as last_opened_at,
      count(distinct r.opened_at) as candles,
      avg(ratio.of_price) as factor, min(ratio.of_price) as least, max(ratio.of_price) as most
    from market.candle_revisions r
    join market.candles c
      on c.instrument_id = r.instrument_id and c.candle_interval = r.candle_interval
      and c.opened_at = r.opened_at and c.run_id = r.replaced_by_run_id
    cross join lateral (
      values (c.open / nullif(r.open, 0)), (c.high / nullif(r.high, 0)),
        (c.low / nullif(r.low, 0)), (c.close / nullif(r.close, 0))
    ) ratio (of_price)
    where r.valid_until >= since
    group by r.instrument_id, r.candle_interval, r.replaced_by_run_id
  ) g
  cross join lateral (
    select c.opened_at
    from market.candles c
    where c.instrument_id = g.instrument_id and c.candle_interval = g.candle_interval
      and c.opened_at < g.first_opened_at and c.loaded_at < g.restated_at
    order by c.opened_at desc
    limit 1
  ) older
  where g.candles >= 2
    and abs(g.factor - 1) >= 0.002
    -- The same factor in every price: rounding moves it a little, a correction a lot.
    and g.most - g.least <= least(0.01, abs(g.factor - 1) / 4) * g.factor
$$;
comment on function market.restated_levels(timestamptz) is
  'Series of which a run since then restated two or more final candles by one factor in all four prices '
  '(0.2 % and more), while older candles are still as they were loaded before.';

create function market.suspected_splits_since(since timestamptz)
returns table (
  instrument_id integer, source market.source, symbol text,
  candle_interval market.candle_interval, noticed_on date, kind text, price_factor numeric,
  from_factor numeric, to_factor numeric, detail text
)
language sql stable parallel safe
as $$
  select i.id, i.source, i.symbol, found.candle_interval, found.noticed_on, found.kind,
    found.price_factor, found.from_factor, found.to_factor, found.detail
  from (
    select u.instrument_id, '1day'::market.candle_interval, (u.opened_at at time zone 'UTC')::date,
      'unrecorded_split', trim_scale(round(u.old_shares / u.new_shares, 12)),
      u.new_shares, u.old_shares, u.detail
    from market.unrecorded_splits(since) u
    union all
    select w.instrument_id, '1day'::market.candle_interval, w.split_on,
      'readjusted_history', trim_scale(round(w.to_factor / w.from_factor, 12)),
      w.from_factor, w.to_factor, w.detail
    from market.splits_without_jump(since) w
    union all
    select r.instrument_id, r.candle_interval, (r.restated_at at time zone 'UTC')::date,
      'readjusted_history', r.price_factor, null, null, r.detail
    from market.restated_levels(since) r
  ) found (
    instrument_id, candle_interval, noticed_on, kind, price_factor, from_factor, to_factor, detail
  )
  join market.instruments i on i.id = found.instrument_id
$$;
comment on function market.suspected_splits_since(timestamptz) is
  'market.suspected_splits, of candles that opened and restatements that were met since then; what lies '
  'before is not read.';

create view market.suspected_splits as
select
  s.instrument_id, s.source, s.symbol, s.candle_interval, s.noticed_on, s.kind, s.price_factor,
  s.from_factor, s.to_factor, s.detail
from market.suspected_splits_since('-infinity') s;
comment on view market.suspected_splits is
  'Where the stored prices and market.splits do not fit together. It reads every daily candle: use '
  'market.suspected_splits_since() for the last days.';
comment on column market.suspected_splits.instrument_id is 'The instrument.';
comment on column market.suspected_splits.source is 'Where its candles come from.';
comment on column market.suspected_splits.symbol is 'Its symbol.';
comment on column market.suspected_splits.candle_interval is 'The series that shows it.';
comment on column market.suspected_splits.noticed_on is
  'First date at the new price; of a restatement, the UTC date on which it was met.';
comment on column market.suspected_splits.kind is
  'unrecorded_split: prices jump as at a split that is not in market.splits. readjusted_history: the '
  'provider adjusted prices of the past, though raw ones are asked for.';
comment on column market.suspected_splits.price_factor is
  'What prices before are to be multiplied by to reach the level after.';
comment on column market.suspected_splits.from_factor is
  'New shares of the split that fits (or is recorded); null for a restatement.';
comment on column market.suspected_splits.to_factor is
  'Old shares of the split that fits (or is recorded); null for a restatement.';
comment on column market.suspected_splits.detail is 'What was seen, and what to do.';
