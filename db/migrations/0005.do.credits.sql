create table market.credit_windows (
  id bigint generated always as identity,
  source market.source not null,
  kind text not null,
  started_at timestamptz not null,
  answered_at timestamptz,
  credits integer not null,
  told_per_minute integer,
  constraint credit_windows_pkey primary key (id),
  constraint credit_windows_kind_is_known check (kind in ('minute', 'day')),
  constraint credit_windows_credits_are_not_negative check (credits >= 0),
  constraint credit_windows_days_start_at_midnight
    check (kind = 'minute' or extract(epoch from started_at)::bigint % 86400 = 0),
  constraint credit_windows_days_have_no_answer check (kind = 'minute' or answered_at is null),
  constraint credit_windows_limit_is_told_of_days
    check (kind = 'day' or told_per_minute is null),
  constraint credit_windows_limit_is_positive check (told_per_minute > 0)
);
create unique index credit_windows_day_is_unique
  on market.credit_windows (source, started_at) where kind = 'day';
create index credit_windows_minutes on market.credit_windows (source) where kind = 'minute';
comment on table market.credit_windows is
  'Credits of the provider''s plan: one row per reservation of a request for about a minute (kind minute), '
  'and one per day in UTC, kept as a history of use (kind day).';
comment on column market.credit_windows.id is 'Number of the window.';
comment on column market.credit_windows.source is 'The provider whose credits they are.';
comment on column market.credit_windows.kind is 'minute or day.';
comment on column market.credit_windows.started_at is
  'minute: when the credits were reserved; day: 00:00 UTC.';
comment on column market.credit_windows.answered_at is
  'minute: when the answer, or the failure, was there: the credits count for 61 s from then on; null '
  'while it is not. Always null for a day.';
comment on column market.credit_windows.credits is
  'Credits reserved or spent in it, with those that the provider counted and nobody here spent.';
comment on column market.credit_windows.told_per_minute is
  'day: the credits a minute that the plan grants, as the provider told last; null until it does.';
