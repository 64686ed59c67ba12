-- Candles of longer intervals, rolled up from shorter ones where the provider's own are not stored.

create table market.rollups (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  opened_at timestamptz not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric,
  is_final boolean not null,
  rolled_up_from market.candle_interval not null,
  candle_count integer not null,
  loaded_at timestamptz not null,
  -- No foreign key and no rule of its own: every row is made of rows of market.candles, which have them.
  constraint rollups_pkey primary key (instrument_id, candle_interval, opened_at)
);
comment on table market.rollups is
  'One row per instrument, longer interval and open time of which no fetched candle is stored: rolled '
  'up from the shorter ones, in the transaction that stores them. Read market.all_candles.';
comment on column market.rollups.instrument_id is 'The instrument.';
comment on column market.rollups.candle_interval is 'How long the candle lasts.';
comment on column market.rollups.opened_at is
  'The instant the candle opens; 00:00 UTC of its date for a day or longer.';
comment on column market.rollups.open is 'Open of the first candle in it, exact.';
comment on column market.rollups.high is 'Highest price, exact.';
comment on column market.rollups.low is 'Lowest price, exact.';
comment on column market.rollups.close is 'Close of the last candle in it, exact.';
comment on column market.rollups.volume is
  'Sum of the volumes, exact; null when a volume in it was not reported.';
comment on column market.rollups.is_final is
  'False while a candle in it is forming, or more of them are to come.';
comment on column market.rollups.rolled_up_from is 'The interval of the candles in it.';
comment on column market.rollups.candle_count is 'How many candles are in it.';
comment on column market.rollups.loaded_at is 'When the newest of them was loaded.';

create function market.trading_date(
  opened_at timestamptz, session_name text, exchange_timezone text
) returns date
language sql immutable parallel safe
return case session_name
  when 'round_the_clock' then (opened_at at time zone 'UTC')::date
  when 'us_stocks' then (opened_at at time zone 'America/New_York')::date
  when 'forex' then ((opened_at at time zone 'America/New_York') + interval '7 hours')::date
  else (opened_at at time zone coalesce(exchange_timezone, 'UTC'))::date
end;
comment on function market.trading_date(timestamptz, text, text) is
  'The date of the trading day in which an intraday candle opens: the UTC date round the clock, the '
  'date at the exchange for stocks, and for forex the date on which the day that began at 17:00 New '
  'York ends. session_name as market.session_name() says.';

create view market.all_candles as
select
  c.instrument_id, c.candle_interval, c.opened_at, c.open, c.high, c.low, c.close, c.volume,
  c.is_final, c.loaded_at, null::market.candle_interval as rolled_up_from
from market.candles c
union all
select
  r.instrument_id, r.candle_interval, r.opened_at, r.open, r.high, r.low, r.close, r.volume,
  r.is_final, r.loaded_at, r.rolled_up_from
from market.rollups r;
comment on view market.all_candles is
  'Every candle of every interval: those that the provider sent and, where it sent none, those rolled '
  'up from shorter ones. Filter by instrument_id and candle_interval.';
comment on column market.all_candles.instrument_id is 'The instrument.';
comment on column market.all_candles.candle_interval is 'How long the candle lasts.';
comment on column market.all_candles.opened_at is
  'The instant the candle opened; 00:00 UTC of its date for a day or longer.';
comment on column market.all_candles.open is 'First price, exact.';
comment on column market.all_candles.high is 'Highest price, exact.';
comment on column market.all_candles.low is 'Lowest price, exact.';
comment on column market.all_candles.close is 'Last price, exact.';
comment on column market.all_candles.volume is 'Units traded; null when not reported.';
comment on column market.all_candles.is_final is 'False while the candle is still forming.';
comment on column market.all_candles.loaded_at is 'When it, or the newest candle in it, was loaded.';
comment on column market.all_candles.rolled_up_from is
  'The interval that it was rolled up from; null for a candle that the provider sent.';

-- As before, over the candles of every interval.
create or replace view market.candles_adjusted as
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
      < market.candle_closes_at(c.candle_interval, c.opened_at, null, null), false) as spans_split,
  c.rolled_up_from
from (
  select
    f.instrument_id, f.candle_interval, f.opened_at, f.open, f.high, f.low, f.close, f.volume,
    f.is_final, f.run_id, f.loaded_at, null::market.candle_interval as rolled_up_from
  from market.candles f
  union all
  select
    r.instrument_id, r.candle_interval, r.opened_at, r.open, r.high, r.low, r.close, r.volume,
    r.is_final, null::bigint, r.loaded_at, r.rolled_up_from
  from market.rollups r
) c
left join market.price_levels l
  on l.instrument_id = c.instrument_id
  -- A candle of a day or longer carries its date as 00:00 UTC; an intraday one has the local date.
  and c.opened_at < case when c.candle_interval in ('1day', '1week', '1month')
    then l.ends_on::timestamp at time zone 'UTC' else l.ends_at end
  and c.opened_at >= coalesce(
    case when c.candle_interval in ('1day', '1week', '1month')
      then l.starts_on::timestamp at time zone 'UTC' else l.starts_at end, '-infinity');
comment on view market.candles_adjusted is
  'market.all_candles at the price level of today, continuous over every split in market.splits: prices '
  'times to_factor / from_factor of each split after the candle''s trading date, volumes divided by it. '
  'The factor is an exact fraction; a result is rounded to 12 decimals. Candles after the last split '
  'are as they were stored. The trading date is that of the candle''s first instant at its exchange.';
comment on column market.candles_adjusted.run_id is
  'The run that wrote the candle last; null for one that was rolled up.';
comment on column market.candles_adjusted.rolled_up_from is
  'The interval that it was rolled up from; null for a candle that the provider sent.';
