create table market.runs (
  id bigint generated always as identity,
  source market.source not null,
  trigger text not null,
  status text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  duration_ms integer,
  error text,
  constraint runs_pkey primary key (id),
  constraint runs_trigger_is_known check (trigger in ('start', 'cron', 'manual')),
  constraint runs_status_is_known
    check (status in ('running', 'ok', 'partial', 'failed', 'interrupted')),
  constraint runs_end_with_a_time check ((status = 'running') = (finished_at is null))
);
create index runs_by_start on market.runs (source, started_at desc);
comment on table market.runs is 'One row per run of the ETL.';
comment on column market.runs.id is 'Number of the run.';
comment on column market.runs.source is 'The source that it loaded from.';
comment on column market.runs.trigger is 'What began it: start, cron or manual.';
comment on column market.runs.status is
  'running; ok: all steps; partial: some; failed: none, or it was stopped; interrupted: its process ended.';
comment on column market.runs.started_at is 'When it began.';
comment on column market.runs.finished_at is 'When it ended; null while it runs.';
comment on column market.runs.duration_ms is 'How long it took, in milliseconds.';
comment on column market.runs.error is 'What stopped the run as a whole; null when nothing did.';

create table market.run_steps (
  id bigint generated always as identity,
  run_id bigint not null,
  instrument_id integer,
  symbol text not null,
  candle_interval market.candle_interval not null,
  status text not null,
  window_from timestamptz,
  window_to timestamptz,
  candles_fetched integer not null default 0,
  candles_inserted integer not null default 0,
  candles_updated integer not null default 0,
  candles_revised integer not null default 0,
  rows_rejected integer not null default 0,
  credits integer not null default 0,
  duration_ms integer not null,
  error text,
  finished_at timestamptz not null,
  constraint run_steps_pkey primary key (id),
  constraint run_steps_run_exists
    foreign key (run_id) references market.runs (id) on delete cascade,
  constraint run_steps_instrument_exists
    foreign key (instrument_id) references market.instruments (id),
  constraint run_steps_status_is_known check (status in ('ok', 'failed')),
  constraint run_steps_failure_says_why check ((status = 'failed') = (error is not null))
);
create index run_steps_by_run on market.run_steps (run_id, id);
comment on table market.run_steps is 'One row per run and series (instrument and interval) in it.';
comment on column market.run_steps.id is 'Number of the step.';
comment on column market.run_steps.run_id is 'The run.';
comment on column market.run_steps.instrument_id is
  'The instrument; null when the provider did not know the symbol.';
comment on column market.run_steps.symbol is 'The symbol that was asked for.';
comment on column market.run_steps.candle_interval is 'The interval that was asked for.';
comment on column market.run_steps.status is 'ok or failed.';
comment on column market.run_steps.window_from is
  'Begin of the window asked for; null for the newest candles of a first load.';
comment on column market.run_steps.window_to is 'End of the window asked for.';
comment on column market.run_steps.candles_fetched is 'Candles that the provider answered and that passed.';
comment on column market.run_steps.candles_inserted is 'Candles that were new.';
comment on column market.run_steps.candles_updated is 'Forming candles that were overwritten.';
comment on column market.run_steps.candles_revised is 'Final candles that were restated.';
comment on column market.run_steps.rows_rejected is 'Rows that did not pass and had not been met before.';
comment on column market.run_steps.credits is 'Credits of the provider that it cost: one an attempt.';
comment on column market.run_steps.duration_ms is 'How long it took, in milliseconds.';
comment on column market.run_steps.error is 'Why it failed.';
comment on column market.run_steps.finished_at is 'When it ended.';
