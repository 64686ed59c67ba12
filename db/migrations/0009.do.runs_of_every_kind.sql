-- Runs beside the scheduled one, why a step failed, and what must not be asked again blindly.

alter table market.runs drop constraint runs_trigger_is_known;
alter table market.runs add constraint runs_trigger_is_known
  check (trigger in ('start', 'cron', 'manual', 'backfill', 'repair', 'import'));
comment on column market.runs.trigger is
  'What began it: start, cron or manual (all that is new), backfill, repair (of gaps) or import (of a file).';

alter table market.run_steps
  add column purpose text not null default 'fresh'
    constraint run_steps_purpose_is_known check (purpose in ('fresh', 'gap', 'history', 'import')),
  add column reason text;
alter table market.run_steps drop constraint run_steps_status_is_known;
alter table market.run_steps add constraint run_steps_status_is_known
  check (status in ('ok', 'failed', 'skipped'));
alter table market.run_steps drop constraint run_steps_failure_says_why;
alter table market.run_steps add constraint run_steps_failure_says_why
  check ((status = 'ok') = (error is null));
comment on column market.run_steps.status is
  'ok; failed; skipped: refused before and not asked again until someone says so.';
comment on column market.run_steps.purpose is
  'What it was for: fresh (what is new), gap (what was missing), history (older candles), import.';
comment on column market.run_steps.reason is
  'The kind of outcome in a word: no_data for an empty answer, else why it failed: symbol_plan, '
  'unknown_symbol, server, timeout and so on; null for an ordinary success.';
comment on column market.run_steps.error is 'Why it failed or was skipped.';

create table market.refusals (
  source market.source not null,
  symbol text not null,
  candle_interval market.candle_interval not null,
  reason text not null,
  message text not null,
  plan text,
  refused_at timestamptz not null,
  ask_again_at timestamptz,
  constraint refusals_pkey primary key (source, symbol, candle_interval),
  constraint refusals_reason_is_known
    check (reason in ('symbol_plan', 'endpoint_plan', 'unknown_symbol', 'bad_request'))
);
comment on table market.refusals is
  'One row per series that the provider refuses for good: it is not asked again before ask_again_at.';
comment on column market.refusals.source is 'The source that refused.';
comment on column market.refusals.symbol is 'The symbol that was asked for.';
comment on column market.refusals.candle_interval is 'The interval that was asked for.';
comment on column market.refusals.reason is 'symbol_plan, endpoint_plan, unknown_symbol or bad_request.';
comment on column market.refusals.message is 'What the provider said, and what to do.';
comment on column market.refusals.plan is 'The plan that it needs, as far as the provider says.';
comment on column market.refusals.refused_at is 'When it was refused last.';
comment on column market.refusals.ask_again_at is
  'When it may be asked again; null: not until someone asks for it.';

create table market.backfills (
  id bigint generated always as identity,
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  wanted_from timestamptz not null,
  wanted_to timestamptz not null,
  reached_at timestamptz not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  empty_since timestamptz,
  ask_again_at timestamptz,
  constraint backfills_pkey primary key (id),
  constraint backfills_instrument_exists
    foreign key (instrument_id) references market.instruments (id),
  constraint backfills_window_is_unique
    unique (instrument_id, candle_interval, wanted_from, wanted_to),
  constraint backfills_window_is_not_empty check (wanted_from < wanted_to),
  constraint backfills_reach_into_their_window
    check (reached_at >= wanted_from and reached_at <= wanted_to)
);
create index backfills_unfinished on market.backfills (requested_at) where finished_at is null;
comment on table market.backfills is
  'One row per window of history that was asked for; it is loaded backwards, and goes on where it was.';
comment on column market.backfills.id is 'Number of the backfill.';
comment on column market.backfills.instrument_id is 'The instrument.';
comment on column market.backfills.candle_interval is 'The interval.';
comment on column market.backfills.wanted_from is 'Begin of the window, inclusive.';
comment on column market.backfills.wanted_to is 'End of the window, exclusive.';
comment on column market.backfills.reached_at is
  'All from here to the end is loaded. Committed together with the candles.';
comment on column market.backfills.requested_at is 'When it was asked for.';
comment on column market.backfills.empty_since is
  'When the provider first answered that it has nothing older: believed when it says so an hour later.';
comment on column market.backfills.ask_again_at is
  'Before this no scheduled run goes on with it, as the provider refused it; null when it did not.';
comment on column market.backfills.finished_at is 'When its begin was reached; null while it is not.';

alter table market.instruments add column pinned_mic_code text;
comment on column market.instruments.pinned_mic_code is
  'The listing (ISO 10383) that the symbol must mean in every request; null: the provider chooses.';
