create table market.candles (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  opened_at timestamptz not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric,
  is_final boolean not null,
  run_id bigint not null,
  loaded_at timestamptz not null,
  constraint candles_pkey primary key (instrument_id, candle_interval, opened_at),
  constraint candles_instrument_exists foreign key (instrument_id) references market.instruments (id),
  constraint candles_high_is_highest check (high >= open and high >= close and high >= low),
  constraint candles_low_is_lowest check (low <= open and low <= close),
  constraint candles_low_is_not_negative check (low >= 0),
  constraint candles_volume_is_not_negative check (volume >= 0)
);
comment on table market.candles is
  'One row per instrument, interval and open time: what the provider last said of that candle.';
comment on column market.candles.instrument_id is 'The instrument.';
comment on column market.candles.candle_interval is 'How long the candle lasts.';
comment on column market.candles.opened_at is
  'The instant the candle opened; 00:00 UTC of its date for a day or longer.';
comment on column market.candles.open is 'First price, exact.';
comment on column market.candles.high is 'Highest price, exact.';
comment on column market.candles.low is 'Lowest price, exact.';
comment on column market.candles.close is 'Last price, exact.';
comment on column market.candles.volume is
  'Units traded (shares, coins); null when the provider does not report it, which is not zero.';
comment on column market.candles.is_final is
  'False while the candle was still forming when it was loaded.';
comment on column market.candles.run_id is
  'The run that wrote this row last. No foreign key: runs may be pruned, candles stay.';
comment on column market.candles.loaded_at is 'When that run fetched it.';

create table market.candle_revisions (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  opened_at timestamptz not null,
  valid_until timestamptz not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric,
  run_id bigint not null,
  loaded_at timestamptz not null,
  replaced_by_run_id bigint not null,
  constraint candle_revisions_pkey
    primary key (instrument_id, candle_interval, opened_at, valid_until),
  constraint candle_revisions_instrument_exists
    foreign key (instrument_id) references market.instruments (id)
);
comment on table market.candle_revisions is
  'What a final candle said before the provider restated it: one row per candle and restatement.';
comment on column market.candle_revisions.instrument_id is 'The instrument.';
comment on column market.candle_revisions.candle_interval is 'How long the candle lasts.';
comment on column market.candle_revisions.opened_at is 'The instant the candle opened.';
comment on column market.candle_revisions.valid_until is 'When these values were replaced.';
comment on column market.candle_revisions.open is 'First price before the restatement.';
comment on column market.candle_revisions.high is 'Highest price before the restatement.';
comment on column market.candle_revisions.low is 'Lowest price before the restatement.';
comment on column market.candle_revisions.close is 'Last price before the restatement.';
comment on column market.candle_revisions.volume is 'Units traded before the restatement.';
comment on column market.candle_revisions.run_id is 'The run that had written these values.';
comment on column market.candle_revisions.loaded_at is 'When that run had fetched them.';
comment on column market.candle_revisions.replaced_by_run_id is 'The run that replaced them.';

create table market.watermarks (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  newest_final_at timestamptz,
  oldest_at timestamptz not null,
  is_history_exhausted boolean not null default false,
  constraint watermarks_pkey primary key (instrument_id, candle_interval),
  constraint watermarks_instrument_exists
    foreign key (instrument_id) references market.instruments (id)
);
comment on table market.watermarks is
  'One row per loaded series: how far it reaches. Committed together with the candles.';
comment on column market.watermarks.instrument_id is 'The instrument.';
comment on column market.watermarks.candle_interval is 'The interval of the series.';
comment on column market.watermarks.newest_final_at is
  'Open time of the newest final candle; null while only a forming one is there.';
comment on column market.watermarks.oldest_at is 'Open time of the oldest candle.';
comment on column market.watermarks.is_history_exhausted is
  'True once the provider is known to have nothing older.';

create table market.rejects (
  id bigint generated always as identity,
  run_id bigint not null,
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  reason text not null,
  payload jsonb not null,
  rejected_at timestamptz not null,
  constraint rejects_pkey primary key (id),
  constraint rejects_instrument_exists
    foreign key (instrument_id) references market.instruments (id)
);
-- By digest, as a payload can be larger than an index entry may be.
create unique index rejects_row_is_kept_once
  on market.rejects (instrument_id, candle_interval, md5(reason || payload::text));
comment on table market.rejects is
  'Every row of the provider that did not pass, once per series, reason and payload.';
comment on column market.rejects.id is 'Our own number of the reject.';
comment on column market.rejects.run_id is 'The run that met it first.';
comment on column market.rejects.instrument_id is 'The instrument it was fetched for.';
comment on column market.rejects.candle_interval is 'The interval it was fetched for.';
comment on column market.rejects.reason is 'The rule that it breaks, with the value.';
comment on column market.rejects.payload is 'The row as the provider sent it.';
comment on column market.rejects.rejected_at is 'When it was met first.';
