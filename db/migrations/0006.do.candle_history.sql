-- What was known when, and what a reject claims to be.

alter table market.rejects
  add column opened_at timestamptz,
  add column accepted_at timestamptz;
comment on column market.rejects.opened_at is
  'The open time that the row claims; null when it cannot be read.';
comment on column market.rejects.accepted_at is
  'When someone accepted it by hand, so that its values became the candle; null while nobody did.';

create index rejects_waiting on market.rejects (rejected_at) where accepted_at is null;

create function market.candles_as_of(known_at timestamptz)
returns table (
  instrument_id integer, candle_interval market.candle_interval, opened_at timestamptz,
  open numeric, high numeric, low numeric, close numeric, volume numeric, is_final boolean,
  run_id bigint, loaded_at timestamptz
)
-- One select and nothing else, so that the planner puts it in place of the call and a filter on the
-- series reaches both indexes.
language sql stable parallel safe
as $$
  select
    c.instrument_id, c.candle_interval, c.opened_at, c.open, c.high, c.low, c.close, c.volume,
    c.is_final, c.run_id, c.loaded_at
  from market.candles c
  where c.loaded_at <= known_at
  union all
  select
    r.instrument_id, r.candle_interval, r.opened_at, r.open, r.high, r.low, r.close, r.volume,
    true, r.run_id, r.loaded_at
  from market.candle_revisions r
  where r.loaded_at <= known_at and known_at < r.valid_until
$$;
comment on function market.candles_as_of(timestamptz) is
  'The candles as they were known at that instant: filter them as market.candles. A candle that was '
  'still forming then and was overwritten since is missing, as forming candles leave no trace.';
