-- Schema market as the migrations leave it. Generated: run `deno task db:schema`.
-- Read it to know the schema; change the schema with a new file in db/migrations.

create domain market.candle_interval as text
  constraint candle_interval_is_known CHECK ((VALUE = ANY (ARRAY['1min'::text, '5min'::text, '15min'::text, '30min'::text, '45min'::text, '1h'::text, '2h'::text, '4h'::text, '8h'::text, '1day'::text, '1week'::text, '1month'::text])));

create domain market.source as text
  constraint source_is_known CHECK ((VALUE = ANY (ARRAY['twelve_data'::text, 'simulator'::text, 'import'::text])));

create table market.admin_tokens (
  is_the_one boolean default true not null,
  token_digest bytea not null,
  made_at timestamp with time zone not null,
  constraint admin_tokens_digest_is_sha256 CHECK ((length(token_digest) = 32)),
  constraint admin_tokens_hold_one_row CHECK (is_the_one),
  constraint admin_tokens_pkey PRIMARY KEY (is_the_one)
);

create table market.backfills (
  id bigint generated always as identity not null,
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  wanted_from timestamp with time zone not null,
  wanted_to timestamp with time zone not null,
  reached_at timestamp with time zone not null,
  requested_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  empty_since timestamp with time zone,
  ask_again_at timestamp with time zone,
  constraint backfills_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint backfills_pkey PRIMARY KEY (id),
  constraint backfills_reach_into_their_window CHECK (((reached_at >= wanted_from) AND (reached_at <= wanted_to))),
  constraint backfills_window_is_not_empty CHECK ((wanted_from < wanted_to)),
  constraint backfills_window_is_unique UNIQUE (instrument_id, candle_interval, wanted_from, wanted_to)
);

create table market.candle_revisions (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  opened_at timestamp with time zone not null,
  valid_until timestamp with time zone not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric,
  run_id bigint not null,
  loaded_at timestamp with time zone not null,
  replaced_by_run_id bigint not null,
  constraint candle_revisions_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint candle_revisions_pkey PRIMARY KEY (instrument_id, candle_interval, opened_at, valid_until)
);

create table market.candles (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  opened_at timestamp with time zone not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric,
  is_final boolean not null,
  run_id bigint not null,
  loaded_at timestamp with time zone not null,
  constraint candles_high_is_highest CHECK (((high >= open) AND (high >= close) AND (high >= low))),
  constraint candles_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint candles_low_is_lowest CHECK (((low <= open) AND (low <= close))),
  constraint candles_low_is_not_negative CHECK ((low >= (0)::numeric)),
  constraint candles_pkey PRIMARY KEY (instrument_id, candle_interval, opened_at),
  constraint candles_volume_is_not_negative CHECK ((volume >= (0)::numeric))
);

create table market.credit_windows (
  id bigint generated always as identity not null,
  source market.source not null,
  kind text not null,
  started_at timestamp with time zone not null,
  answered_at timestamp with time zone,
  credits integer not null,
  told_per_minute integer,
  constraint credit_windows_credits_are_not_negative CHECK ((credits >= 0)),
  constraint credit_windows_days_have_no_answer CHECK (((kind = 'minute'::text) OR (answered_at IS NULL))),
  constraint credit_windows_days_start_at_midnight CHECK (((kind = 'minute'::text) OR (((EXTRACT(epoch FROM started_at))::bigint % (86400)::bigint) = 0))),
  constraint credit_windows_kind_is_known CHECK ((kind = ANY (ARRAY['minute'::text, 'day'::text]))),
  constraint credit_windows_limit_is_positive CHECK ((told_per_minute > 0)),
  constraint credit_windows_limit_is_told_of_days CHECK (((kind = 'day'::text) OR (told_per_minute IS NULL))),
  constraint credit_windows_pkey PRIMARY KEY (id)
);

create table market.gap_answers (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  opened_from timestamp with time zone not null,
  opened_to timestamp with time zone not null,
  empty_count integer not null,
  last_asked_at timestamp with time zone not null,
  ask_again_at timestamp with time zone not null,
  constraint gap_answers_ask_again_later CHECK ((last_asked_at < ask_again_at)),
  constraint gap_answers_count_from_one CHECK ((empty_count > 0)),
  constraint gap_answers_end_after_they_begin CHECK ((opened_from <= opened_to)),
  constraint gap_answers_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint gap_answers_pkey PRIMARY KEY (instrument_id, candle_interval, opened_from, opened_to)
);

create table market.instruments (
  id integer generated always as identity not null,
  source market.source not null,
  symbol text not null,
  slug text not null,
  name text,
  kind text not null,
  exchange text,
  mic_code text,
  currency text,
  currency_base text,
  currency_quote text,
  exchange_timezone text,
  session_closes time without time zone,
  is_active boolean default true not null,
  created_at timestamp with time zone not null,
  pinned_mic_code text,
  constraint instruments_kind_is_known CHECK ((kind = ANY (ARRAY['stock'::text, 'etf'::text, 'index'::text, 'forex'::text, 'crypto'::text, 'commodity'::text]))),
  constraint instruments_pkey PRIMARY KEY (id),
  constraint instruments_slug_is_unique_per_source UNIQUE (source, slug),
  constraint instruments_symbol_is_unique_per_source UNIQUE (source, symbol)
);

create table market.refusals (
  source market.source not null,
  symbol text not null,
  candle_interval market.candle_interval not null,
  reason text not null,
  message text not null,
  plan text,
  refused_at timestamp with time zone not null,
  ask_again_at timestamp with time zone,
  constraint refusals_pkey PRIMARY KEY (source, symbol, candle_interval),
  constraint refusals_reason_is_known CHECK ((reason = ANY (ARRAY['symbol_plan'::text, 'endpoint_plan'::text, 'unknown_symbol'::text, 'bad_request'::text])))
);

create table market.rejects (
  id bigint generated always as identity not null,
  run_id bigint not null,
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  reason text not null,
  payload jsonb not null,
  rejected_at timestamp with time zone not null,
  opened_at timestamp with time zone,
  accepted_at timestamp with time zone,
  constraint rejects_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint rejects_pkey PRIMARY KEY (id)
);

create table market.rollups (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  opened_at timestamp with time zone not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric,
  is_final boolean not null,
  rolled_up_from market.candle_interval not null,
  candle_count integer not null,
  loaded_at timestamp with time zone not null,
  constraint rollups_pkey PRIMARY KEY (instrument_id, candle_interval, opened_at)
);

create table market.run_steps (
  id bigint generated always as identity not null,
  run_id bigint not null,
  instrument_id integer,
  symbol text not null,
  candle_interval market.candle_interval not null,
  status text not null,
  window_from timestamp with time zone,
  window_to timestamp with time zone,
  candles_fetched integer default 0 not null,
  candles_inserted integer default 0 not null,
  candles_updated integer default 0 not null,
  candles_revised integer default 0 not null,
  rows_rejected integer default 0 not null,
  credits integer default 0 not null,
  duration_ms integer not null,
  error text,
  finished_at timestamp with time zone not null,
  purpose text default 'fresh'::text not null,
  reason text,
  constraint run_steps_failure_says_why CHECK (((status = 'ok'::text) = (error IS NULL))),
  constraint run_steps_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint run_steps_pkey PRIMARY KEY (id),
  constraint run_steps_purpose_is_known CHECK ((purpose = ANY (ARRAY['fresh'::text, 'gap'::text, 'history'::text, 'import'::text]))),
  constraint run_steps_run_exists FOREIGN KEY (run_id) REFERENCES market.runs(id) ON DELETE CASCADE,
  constraint run_steps_status_is_known CHECK ((status = ANY (ARRAY['ok'::text, 'failed'::text, 'skipped'::text])))
);

create table market.runs (
  id bigint generated always as identity not null,
  source market.source not null,
  trigger text not null,
  status text not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  duration_ms integer,
  error text,
  constraint runs_end_with_a_time CHECK (((status = 'running'::text) = (finished_at IS NULL))),
  constraint runs_pkey PRIMARY KEY (id),
  constraint runs_status_is_known CHECK ((status = ANY (ARRAY['running'::text, 'ok'::text, 'partial'::text, 'failed'::text, 'interrupted'::text]))),
  constraint runs_trigger_is_known CHECK ((trigger = ANY (ARRAY['start'::text, 'cron'::text, 'manual'::text, 'backfill'::text, 'repair'::text, 'import'::text])))
);

create table market.schema_migrations (
  version bigint not null,
  name text,
  md5 text,
  run_at timestamp with time zone,
  constraint schema_migrations_pkey PRIMARY KEY (version)
);

create table market.splits (
  instrument_id integer not null,
  split_on date not null,
  from_factor numeric not null,
  to_factor numeric not null,
  description text,
  origin text not null,
  recorded_at timestamp with time zone not null,
  constraint splits_factors_are_positive CHECK (((from_factor > (0)::numeric) AND (from_factor < 'Infinity'::numeric) AND (to_factor > (0)::numeric) AND (to_factor < 'Infinity'::numeric))),
  constraint splits_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint splits_origin_is_known CHECK ((origin = ANY (ARRAY['provider'::text, 'import'::text]))),
  constraint splits_pkey PRIMARY KEY (instrument_id, split_on)
);

create table market.trading_days (
  session_name text not null,
  traded_on date not null,
  opens_at timestamp with time zone not null,
  closes_at timestamp with time zone not null,
  constraint trading_days_close_after_they_open CHECK ((opens_at < closes_at)),
  constraint trading_days_pkey PRIMARY KEY (session_name, traded_on),
  constraint trading_days_session_is_known CHECK ((session_name = ANY (ARRAY['us_stocks'::text, 'forex'::text])))
);

create table market.watermarks (
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  newest_final_at timestamp with time zone,
  oldest_at timestamp with time zone not null,
  is_history_exhausted boolean default false not null,
  constraint watermarks_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint watermarks_pkey PRIMARY KEY (instrument_id, candle_interval)
);

CREATE INDEX backfills_unfinished ON market.backfills USING btree (requested_at) WHERE (finished_at IS NULL);

CREATE INDEX candle_revisions_by_valid_until ON market.candle_revisions USING btree (valid_until);

CREATE UNIQUE INDEX credit_windows_day_is_unique ON market.credit_windows USING btree (source, started_at) WHERE (kind = 'day'::text);

CREATE INDEX credit_windows_minutes ON market.credit_windows USING btree (source) WHERE (kind = 'minute'::text);

CREATE INDEX rejects_by_instrument ON market.rejects USING btree (instrument_id, id);

CREATE UNIQUE INDEX rejects_row_is_kept_once ON market.rejects USING btree (instrument_id, candle_interval, md5((reason || (payload)::text)));

CREATE INDEX rejects_waiting ON market.rejects USING btree (rejected_at) WHERE (accepted_at IS NULL);

CREATE INDEX run_steps_by_run ON market.run_steps USING btree (run_id, id);

CREATE INDEX runs_by_start ON market.runs USING btree (source, started_at DESC);

CREATE OR REPLACE FUNCTION market.bucket_opens_at(wanted market.candle_interval, shorter market.candle_interval, opened_at timestamp with time zone, session_name text, exchange_timezone text)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((wanted)::text = ANY (ARRAY['1day'::text, '1week'::text, '1month'::text])) THEN (date_trunc(CASE wanted WHEN '1day'::text THEN 'day'::text WHEN '1week'::text THEN 'week'::text ELSE 'month'::text END, CASE WHEN ((shorter)::text = ANY (ARRAY['1day'::text, '1week'::text])) THEN (opened_at AT TIME ZONE 'UTC'::text) ELSE (market.trading_date(opened_at, session_name, exchange_timezone))::timestamp without time zone END) AT TIME ZONE 'UTC'::text) WHEN ((session_name = 'round_the_clock'::text) OR ((wanted)::text = ANY (ARRAY['5min'::text, '15min'::text, '30min'::text]))) THEN date_bin(market.interval_duration(wanted), opened_at, '2000-01-01 00:00:00+00'::timestamp with time zone) ELSE date_bin(market.interval_duration(wanted), opened_at, CASE session_name WHEN 'us_stocks'::text THEN ((market.trading_date(opened_at, session_name, exchange_timezone) + '09:30:00'::time without time zone) AT TIME ZONE 'America/New_York'::text) WHEN 'forex'::text THEN (((market.trading_date(opened_at, session_name, exchange_timezone) - 1) + '17:00:00'::time without time zone) AT TIME ZONE 'America/New_York'::text) ELSE ((market.trading_date(opened_at, session_name, exchange_timezone))::timestamp without time zone AT TIME ZONE COALESCE(exchange_timezone, 'UTC'::text)) END) END;

CREATE OR REPLACE FUNCTION market.candle_closes_at(wanted market.candle_interval, opened_at timestamp with time zone, exchange_timezone text, session_closes time without time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((wanted)::text = '1month'::text) THEN ((date_trunc('month'::text, (opened_at AT TIME ZONE 'UTC'::text)) + '1 mon'::interval) AT TIME ZONE 'UTC'::text) WHEN (((wanted)::text = '1week'::text) OR (session_closes IS NULL) OR (exchange_timezone IS NULL)) THEN (opened_at + market.interval_duration(wanted)) WHEN ((wanted)::text = '1day'::text) THEN ((((opened_at AT TIME ZONE 'UTC'::text))::date + session_closes) AT TIME ZONE exchange_timezone) ELSE LEAST((opened_at + market.interval_duration(wanted)), ((((opened_at AT TIME ZONE exchange_timezone))::date + session_closes) AT TIME ZONE exchange_timezone)) END;

CREATE OR REPLACE FUNCTION market.candles_as_of(known_at timestamp with time zone)
 RETURNS TABLE(instrument_id integer, candle_interval market.candle_interval, opened_at timestamp with time zone, open numeric, high numeric, low numeric, close numeric, volume numeric, is_final boolean, run_id bigint, loaded_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.daily_jumps(since timestamp with time zone)
 RETURNS TABLE(instrument_id integer, opened_at timestamp with time zone, open numeric, previous_opened_at timestamp with time zone, previous_close numeric, turnover_ratio numeric)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.expected_candles(wanted_session text, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(opened_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select slot
  from generate_series(
    -- The first slot at or after the begin. 1900-01-01 was a Monday, as weeks begin.
    date_bin(
      market.interval_duration(wanted_interval),
      wanted_from + market.interval_duration(wanted_interval) - interval '1 microsecond',
      timestamptz '1900-01-01 00:00:00+00'
    ),
    wanted_to - interval '1 microsecond',
    market.interval_duration(wanted_interval)
  ) slot
  where wanted_session = 'round_the_clock' and wanted_interval <> '1month'
  union all
  select month at time zone 'UTC'
  from generate_series(
    date_trunc('month', wanted_from at time zone 'UTC'),
    wanted_to at time zone 'UTC' - interval '1 microsecond',
    interval '1 month'
  ) month
  where wanted_session = 'round_the_clock' and wanted_interval = '1month'
    and month at time zone 'UTC' >= wanted_from
  union all
  select slot
  from market.trading_days d
  cross join lateral generate_series(
    d.opens_at, d.closes_at - interval '1 microsecond', market.interval_duration(wanted_interval)
  ) slot
  where d.session_name = wanted_session
    and wanted_interval not in ('1day', '1week', '1month')
    -- A forex day opens on the date before its own.
    and d.traded_on between (wanted_from at time zone 'UTC')::date
      and (wanted_to at time zone 'UTC')::date + 1
    and slot >= wanted_from and slot < wanted_to
  union all
  select label
  from (
    select distinct date_trunc(
      case wanted_interval when '1week' then 'week' when '1month' then 'month' else 'day' end,
      d.traded_on::timestamp
    ) at time zone 'UTC' as label
    from market.trading_days d
    where d.session_name = wanted_session
      and wanted_interval in ('1day', '1week', '1month')
      and d.traded_on between (wanted_from at time zone 'UTC')::date
        and (wanted_to at time zone 'UTC')::date + 31
  ) labels
  where label >= wanted_from and label < wanted_to
$function$;

CREATE OR REPLACE FUNCTION market.figures(wanted_instrument_id integer, as_of timestamp with time zone)
 RETURNS TABLE(price numeric, priced_at timestamp with time zone, is_forming boolean, change_24h numeric, change_24h_percent double precision, change_7d numeric, change_7d_percent double precision, change_30d numeric, change_30d_percent double precision, high_24h numeric, low_24h numeric, volume_24h numeric, high_52w numeric, low_52w numeric, first_candle_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    p.price, p.priced_at, p.is_forming,
    p.change_24h, p.change_24h_percent, p.change_7d, p.change_7d_percent,
    p.change_30d, p.change_30d_percent,
    day.high, day.low, day.volume, year.high, year.low, stored.oldest_at
  from (
    select min(w.oldest_at) as oldest_at
    from market.watermarks w
    where w.instrument_id = wanted_instrument_id
  ) stored
  left join lateral market.price_changes(wanted_instrument_id, as_of) p on true
  left join lateral (
    select max(c.high) as high, min(c.low) as low, sum(c.volume) as volume
    from market.candles c
    where c.instrument_id = wanted_instrument_id
      and c.candle_interval = market.finest_interval(wanted_instrument_id, interval '1 hour')
      and c.opened_at >= p.priced_at - interval '24 hours'
      and c.opened_at <= p.priced_at
  ) day on true
  left join lateral (
    select max(c.high) as high, min(c.low) as low
    from market.candles c
    where c.instrument_id = wanted_instrument_id
      and c.candle_interval = '1day'
      and c.opened_at >= p.priced_at - interval '8760 hours'
      and c.opened_at <= p.priced_at
  ) year on true
$function$;

CREATE OR REPLACE FUNCTION market.find_gaps(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_symbols text[] DEFAULT NULL::text[], wanted_intervals text[] DEFAULT NULL::text[])
 RETURNS TABLE(source market.source, instrument_id integer, symbol text, candle_interval market.candle_interval, opened_from timestamp with time zone, opened_to timestamp with time zone, missing_candles bigint, last_empty_at timestamp with time zone, ask_again_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with missing as (
    select
      m.instrument_id, m.candle_interval, m.opened_at,
      answer.opened_from as answer_from, answer.opened_to as answer_to,
      answer.last_asked_at, answer.ask_again_at
    from market.find_missing_candles(
      wanted_source, wanted_from, wanted_to, wanted_symbols, wanted_intervals
    ) m
    left join lateral (
      select a.opened_from, a.opened_to, a.last_asked_at, a.ask_again_at
      from market.gap_answers a
      where a.instrument_id = m.instrument_id and a.candle_interval = m.candle_interval
        and m.opened_at between a.opened_from and a.opened_to
      order by a.last_asked_at desc, a.opened_from, a.opened_to
      limit 1
    ) answer on true
  ), followed as (
    select
      m.*,
      lag(m.opened_at) over series as previous_at,
      lag(m.answer_from) over series as previous_answer_from,
      lag(m.answer_to) over series as previous_answer_to
    from missing m
    window series as (partition by m.instrument_id, m.candle_interval order by m.opened_at)
  ), numbered as (
    select
      f.*,
      count(*) filter (
        where f.previous_at is null
          or (f.answer_from, f.answer_to)
            is distinct from (f.previous_answer_from, f.previous_answer_to)
          or exists (
            select from market.candles c
            where c.instrument_id = f.instrument_id and c.candle_interval = f.candle_interval
              and c.opened_at > f.previous_at and c.opened_at < f.opened_at
          )
      ) over (partition by f.instrument_id, f.candle_interval order by f.opened_at) as run_number
    from followed f
  )
  select
    i.source, i.id, i.symbol, n.candle_interval,
    min(n.opened_at), max(n.opened_at), count(*), min(n.last_asked_at), min(n.ask_again_at)
  from numbered n
  join market.instruments i on i.id = n.instrument_id
  group by i.id, i.source, i.symbol, n.candle_interval, n.run_number
$function$;

CREATE OR REPLACE FUNCTION market.find_missing_candles(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_symbols text[] DEFAULT NULL::text[], wanted_intervals text[] DEFAULT NULL::text[])
 RETURNS TABLE(instrument_id integer, candle_interval market.candle_interval, opened_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with series as materialized (
    select
      i.id as instrument_id, w.candle_interval, session.name as session_name,
      wanted_symbols is null or i.symbol = any(wanted_symbols) as is_wanted,
      session.name = 'unknown'
        -- Not counted from any hour that is known, and shifting with the season.
        or (session.name = 'forex' and w.candle_interval in ('2h', '4h', '8h')) as needs_peers,
      -- Null, and so like no other, where nobody said which exchange it is.
      concat_ws(' ', i.source, i.kind, session.name, i.exchange_timezone) || ' '
        || case session.name when 'forex' then '' else coalesce(i.mic_code, i.exchange) end as venue,
      -- A bound that is null bounds nothing: neither function heeds it.
      greatest(w.oldest_at, wanted_from) as begins_at,
      least(w.newest_final_at + interval '1 microsecond', wanted_to) as ends_at
    from market.instruments i
    join market.watermarks w on w.instrument_id = i.id
    cross join lateral (
      select market.session_name(i.kind, i.exchange_timezone) as name
    ) session
    where i.is_active
      and (wanted_source is null or i.source = wanted_source)
      and (wanted_intervals is null or w.candle_interval = any(wanted_intervals))
      and w.newest_final_at is not null
      and (wanted_to is null or w.oldest_at < wanted_to)
      and (wanted_from is null or w.newest_final_at >= wanted_from)
  ), off_calendar as (
    select s.instrument_id, s.candle_interval, s.session_name, s.venue, missing.opened_at
    from series s
    -- One range of the primary key per series, whatever else is stored.
    cross join lateral (
      select e.opened_at
      from market.expected_candles(s.session_name, s.candle_interval, s.begins_at, s.ends_at) e
      except
      select c.opened_at from market.candles c
      where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
        and c.opened_at >= s.begins_at and c.opened_at < s.ends_at
        and c.is_final
    ) missing
    where s.is_wanted and not s.needs_peers
  ), stored as materialized (
    select s.instrument_id, s.candle_interval, s.venue, c.opened_at
    from series s
    cross join lateral (
      select c.opened_at from market.candles c
      where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
        and c.opened_at >= s.begins_at and c.opened_at < s.ends_at
        and c.is_final
    ) c
    where s.needs_peers
      and s.venue in (select wanted.venue from series wanted where wanted.is_wanted)
  ), lacking as (
    -- What one of the venue has is offered to each of it, and once more where it is stored: grouped and
    -- not joined, as no estimate tells the planner how many there are.
    select slot.instrument_id, slot.candle_interval, slot.venue, slot.opened_at,
      max(slot.holders) as holders
    from (
      select s.instrument_id, s.candle_interval, s.venue, held.opened_at, held.holders
      from series s
      join (
        select k.venue, k.candle_interval, k.opened_at, count(*) as holders
        from stored k
        group by k.venue, k.candle_interval, k.opened_at
      ) held on held.venue = s.venue and held.candle_interval = s.candle_interval
      where s.is_wanted and s.needs_peers
        and held.opened_at >= s.begins_at and held.opened_at < s.ends_at
      union all
      select k.instrument_id, k.candle_interval, k.venue, k.opened_at, null
      from stored k
    ) slot
    group by slot.instrument_id, slot.candle_interval, slot.venue, slot.opened_at
    having count(*) = 1 and max(slot.holders) is not null
  )
  select m.instrument_id, m.candle_interval, m.opened_at
  from off_calendar m
  cross join lateral (
    select m.opened_at at time zone 'America/New_York' as at
  ) new_york
  -- Around the daily roll at 17:00 New York, and so around the weekend, providers begin late and end
  -- early: there a forex candle is missed only where the hour was seen, now or a week from it.
  where not (
    m.session_name = 'forex' and m.candle_interval not in ('1day', '1week', '1month')
    and new_york.at::time >= time '16:00' and new_york.at::time < time '18:00'
  ) or exists (
    select
    from series peer
    join market.candles c
      on c.instrument_id = peer.instrument_id and c.candle_interval = peer.candle_interval
      and c.opened_at in (
        m.opened_at,
        (new_york.at - interval '7 days') at time zone 'America/New_York',
        (new_york.at + interval '7 days') at time zone 'America/New_York'
      )
    where peer.venue = m.venue and peer.candle_interval = m.candle_interval
  )
  union all
  select l.instrument_id, l.candle_interval, l.opened_at
  from lacking l
  -- At least half of the others that are loaded over that time have it. The count holds itself.
  where 2 * l.holders >= (
    select count(*) - 1
    from series peer
    where peer.venue = l.venue and peer.candle_interval = l.candle_interval
      and l.opened_at >= peer.begins_at and l.opened_at < peer.ends_at
  )
$function$;

CREATE OR REPLACE FUNCTION market.finest_interval(wanted_instrument_id integer, longest interval)
 RETURNS market.candle_interval
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select w.candle_interval
  from market.watermarks w
  where w.instrument_id = wanted_instrument_id
    and market.interval_duration(w.candle_interval) <= longest
  order by market.interval_duration(w.candle_interval)
  limit 1
$function$;

CREATE OR REPLACE FUNCTION market.interval_duration(wanted market.candle_interval)
 RETURNS interval
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE wanted WHEN '1min'::text THEN '00:01:00'::interval WHEN '5min'::text THEN '00:05:00'::interval WHEN '15min'::text THEN '00:15:00'::interval WHEN '30min'::text THEN '00:30:00'::interval WHEN '45min'::text THEN '00:45:00'::interval WHEN '1h'::text THEN '01:00:00'::interval WHEN '2h'::text THEN '02:00:00'::interval WHEN '4h'::text THEN '04:00:00'::interval WHEN '8h'::text THEN '08:00:00'::interval WHEN '1day'::text THEN '24:00:00'::interval WHEN '1week'::text THEN '168:00:00'::interval WHEN '1month'::text THEN '744:00:00'::interval ELSE NULL::interval END;

CREATE OR REPLACE FUNCTION market.lock_candles(wanted_instrument_id integer)
 RETURNS void
 LANGUAGE sql
AS $function$
  select pg_advisory_xact_lock(wanted_instrument_id, hashtext('market.candles'))
$function$;

CREATE OR REPLACE FUNCTION market.overview(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(instrument_id integer, symbol text, slug text, name text, kind text, currency text, price numeric, priced_at timestamp with time zone, is_forming boolean, change_24h_percent double precision, change_7d_percent double precision, change_30d_percent double precision, sparkline double precision[])
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    i.id, i.symbol, i.slug, i.name, i.kind,
    coalesce(i.currency, nullif(split_part(i.symbol, '/', 2), '')),
    p.price, p.priced_at, p.is_forming,
    p.change_24h_percent, p.change_7d_percent, p.change_30d_percent,
    coalesce(line.closes, '{}')
  from market.instruments i
  left join lateral market.price_changes(i.id, as_of) p on true
  left join lateral (
    select array_agg(numbered.close order by numbered.opened_at) as closes
    from (
      select
        c.opened_at, c.close::double precision as close,
        row_number() over (order by c.opened_at desc) - 1 as age,
        count(*) over () as total
      from market.candles c
      where c.instrument_id = i.id
        and c.candle_interval = market.finest_interval(i.id, interval '24 hours')
        and c.opened_at > p.priced_at - interval '168 hours'
        and c.opened_at <= p.priced_at
    ) numbered
    -- At most 60 points, evenly taken, the newest always among them.
    where numbered.age % greatest(1, ceil(numbered.total / 60.0)::integer) = 0
  ) line on true
  where i.source = wanted_source and i.is_active
$function$;

CREATE OR REPLACE FUNCTION market.price_at(wanted_instrument_id integer, at timestamp with time zone)
 RETURNS TABLE(price numeric, priced_at timestamp with time zone, is_forming boolean)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select newest.close, newest.priced_at, not newest.is_final
  from market.instruments i
  join market.watermarks w on w.instrument_id = i.id
  cross join lateral (
    select c.opened_at, c.close, c.is_final, known.priced_at
    from market.candles c
    cross join lateral (
      select least(
        market.candle_closes_at(c.candle_interval, c.opened_at, i.exchange_timezone, i.session_closes),
        c.loaded_at
      ) as priced_at
    ) known
    where c.instrument_id = i.id
      and c.candle_interval = w.candle_interval
      and c.opened_at <= at
      and known.priced_at <= at
    order by c.opened_at desc
    limit 1
  ) newest
  where i.id = wanted_instrument_id
  -- The finest candle opens last and so lies nearest to the wanted instant.
  order by newest.opened_at desc, market.interval_duration(w.candle_interval)
  limit 1
$function$;

CREATE OR REPLACE FUNCTION market.price_changes(wanted_instrument_id integer, as_of timestamp with time zone)
 RETURNS TABLE(price numeric, priced_at timestamp with time zone, is_forming boolean, change_24h numeric, change_24h_percent double precision, change_7d numeric, change_7d_percent double precision, change_30d numeric, change_30d_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    latest.price, latest.priced_at, latest.is_forming,
    latest.price - day.price, (100 * (latest.price / nullif(day.price, 0) - 1))::double precision,
    latest.price - week.price, (100 * (latest.price / nullif(week.price, 0) - 1))::double precision,
    latest.price - month.price, (100 * (latest.price / nullif(month.price, 0) - 1))::double precision
  from market.price_at(wanted_instrument_id, as_of) latest
  left join lateral market.price_at(wanted_instrument_id, latest.priced_at - interval '24 hours') day on true
  left join lateral market.price_at(wanted_instrument_id, latest.priced_at - interval '168 hours') week on true
  left join lateral market.price_at(wanted_instrument_id, latest.priced_at - interval '720 hours') month on true
$function$;

CREATE OR REPLACE FUNCTION market.rebuild_rollups(wanted_instrument_id integer)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  stored text[];
  oldest timestamptz;
  newest timestamptz;
begin
  perform market.lock_candles(wanted_instrument_id);
  delete from market.rollups where instrument_id = wanted_instrument_id;
  select array_agg(i.name), min(range.oldest), max(range.newest)
  into stored, oldest, newest
  from unnest(array[
    '1min', '5min', '15min', '30min', '45min', '1h', '2h', '4h', '8h', '1day', '1week', '1month'
  ]) i (name)
  cross join lateral (
    select min(c.opened_at) as oldest, max(c.opened_at) as newest
    from market.candles c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = i.name
  ) range
  where range.oldest is not null;
  if stored is not null then
    -- The date of a candle and its instants are up to a day apart.
    perform market.roll_up(
      wanted_instrument_id, stored, oldest - interval '24 hours', newest + interval '24 hours');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION market.rebuild_rollups_of_changed_instrument()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform market.rebuild_rollups(new.id);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION market.restated_levels(since timestamp with time zone)
 RETURNS TABLE(instrument_id integer, candle_interval market.candle_interval, restated_at timestamp with time zone, price_factor numeric, detail text)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.roll_up(wanted_instrument_id integer, changed_intervals text[], changed_from timestamp with time zone, changed_to timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  session text;
  zone text;
  session_end time;
  is_date boolean;
  level record;
  duration interval;
  -- Within this a fetched candle and a bucket overlap. Dated ones do when they carry the same date.
  reach interval;
  -- A date and the instants of its trading day are up to a day apart.
  margin interval;
  base_from timestamptz;
  previous_bucket timestamptz;
  newest_bucket timestamptz;
  first_bucket timestamptz;
  last_bucket timestamptz;
  has_fetched boolean;
  written_from timestamptz;
  gone record;
  changed text[] := changed_intervals;
begin
  select market.session_name(i.kind, i.exchange_timezone), i.exchange_timezone, i.session_closes
  into strict session, zone, session_end
  from market.instruments i where i.id = wanted_instrument_id;

  -- What was fetched takes the place of what was rolled up.
  for level in select i.name as candle_interval from unnest(changed_intervals) i (name) loop
    duration := market.interval_duration(level.candle_interval);
    reach := case when level.candle_interval in ('1day', '1week', '1month')
      then interval '1 microsecond' else duration end;
    with gone as (
      delete from market.rollups r
      where r.instrument_id = wanted_instrument_id and r.candle_interval = level.candle_interval
        and r.opened_at > changed_from - reach and r.opened_at < changed_to + reach
        and exists (
          select from market.candles f
          where f.instrument_id = wanted_instrument_id and f.candle_interval = level.candle_interval
            and f.opened_at > r.opened_at - reach and f.opened_at < r.opened_at + reach
        )
      returning r.opened_at
    )
    select min(g.opened_at) as oldest, max(g.opened_at) as newest into gone from gone g;
    changed_from := least(changed_from, gone.oldest);
    changed_to := greatest(changed_to, gone.newest);
  end loop;

  for level in select * from market.rollup_levels(session) loop
    continue when not level.made_of && changed;
    is_date := level.candle_interval in ('1day', '1week', '1month');
    duration := market.interval_duration(level.candle_interval);
    reach := case when is_date then interval '1 microsecond' else duration end;
    margin := case when is_date then interval '24 hours' else interval '0' end;

    -- The bucket before the change ends for certain once a later candle is there.
    base_from := least(changed_from, (
      select min(market.bucket_opens_at(base, changed_intervals[1], changed_from, session, zone))
      from unnest(level.made_of) base
    ));
    select
      max(market.bucket_opens_at(
        level.candle_interval, base.name, previous.opened_at, session, zone)),
      max(market.bucket_opens_at(level.candle_interval, base.name, newest.opened_at, session, zone))
    into previous_bucket, newest_bucket
    from unnest(level.made_of) base (name)
    left join lateral (
      select c.opened_at from market.all_candles c
      where c.instrument_id = wanted_instrument_id and c.candle_interval = base.name
        and c.opened_at < base_from
      order by c.opened_at desc limit 1
    ) previous on true
    left join lateral (
      select c.opened_at from market.all_candles c
      where c.instrument_id = wanted_instrument_id and c.candle_interval = base.name
      order by c.opened_at desc limit 1
    ) newest on true;
    first_bucket := least(previous_bucket, market.bucket_opens_at(
      level.candle_interval, changed_intervals[1], changed_from, session, zone));
    last_bucket := market.bucket_opens_at(
      level.candle_interval, changed_intervals[1], changed_to, session, zone);
    has_fetched := exists (
      select from market.candles f
      where f.instrument_id = wanted_instrument_id and f.candle_interval = level.candle_interval
        and f.opened_at > first_bucket - reach and f.opened_at < last_bucket + reach
    );

    with shorter as (
      select
        c.candle_interval, c.opened_at, c.open, c.high, c.low, c.close, c.volume, c.is_final,
        c.loaded_at,
        market.bucket_opens_at(
          level.candle_interval, c.candle_interval, c.opened_at, session, zone) as bucket
      from (
        -- One range of each primary key for each interval: `any` would read all intervals of that time.
        select * from market.all_candles c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = level.made_of[1]
          and c.opened_at >= first_bucket - margin and c.opened_at < last_bucket + duration + margin
        union all
        select * from market.all_candles c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = level.made_of[2]
          and c.opened_at >= first_bucket - margin and c.opened_at < last_bucket + duration + margin
      ) c
    ), placed as (
      select
        s.*,
        lag(s.bucket) over series is distinct from s.bucket as is_first,
        lead(s.bucket) over series is distinct from s.bucket as is_last
      from shorter s
      window series as (partition by s.candle_interval order by s.opened_at)
    ), rolled as (
      select distinct on (p.bucket)
        p.bucket as opened_at, p.candle_interval as rolled_up_from,
        max(p.open) filter (where p.is_first) as open,
        max(p.high) as high,
        min(p.low) as low,
        max(p.close) filter (where p.is_last) as close,
        case when count(p.volume) = count(*) then sum(p.volume) end as volume,
        bool_and(p.is_final) and (
          p.bucket < newest_bucket
          or market.candle_closes_at(level.candle_interval, p.bucket, zone, session_end)
            <= max(p.loaded_at)
        ) as is_final,
        count(*)::integer as candle_count,
        max(p.loaded_at) as loaded_at
      from placed p
      where p.bucket between first_bucket and last_bucket
      group by p.bucket, p.candle_interval
      order by p.bucket, market.interval_duration(p.candle_interval) desc
    ), wanted as (
      select r.* from rolled r
      where not has_fetched or not exists (
        select from market.candles f
        where f.instrument_id = wanted_instrument_id and f.candle_interval = level.candle_interval
          and f.opened_at > r.opened_at - reach and f.opened_at < r.opened_at + reach
      )
    ), gone as (
      delete from market.rollups r
      where r.instrument_id = wanted_instrument_id and r.candle_interval = level.candle_interval
        and r.opened_at between first_bucket and last_bucket
        and not exists (select from wanted w where w.opened_at = r.opened_at)
      returning r.opened_at
    ), upserted as (
      insert into market.rollups as r (
        instrument_id, candle_interval, opened_at, open, high, low, close, volume, is_final,
        rolled_up_from, candle_count, loaded_at
      )
      select
        wanted_instrument_id, level.candle_interval, w.opened_at, w.open, w.high, w.low, w.close,
        w.volume, w.is_final, w.rolled_up_from, w.candle_count, w.loaded_at
      from wanted w
      on conflict (instrument_id, candle_interval, opened_at) do update set
        open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, is_final = excluded.is_final,
        rolled_up_from = excluded.rolled_up_from, candle_count = excluded.candle_count,
        loaded_at = excluded.loaded_at
      where (
        r.open, r.high, r.low, r.close, r.volume, r.is_final, r.rolled_up_from, r.candle_count,
        r.loaded_at
      ) is distinct from (
        excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume,
        excluded.is_final, excluded.rolled_up_from, excluded.candle_count, excluded.loaded_at
      )
      returning r.opened_at
    )
    select min(w.opened_at) into written_from
    from (select g.opened_at from gone g union all select u.opened_at from upserted u) w;
    if written_from is not null then
      changed := changed || level.candle_interval::text;
      changed_from := least(changed_from, written_from);
    end if;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION market.rollup_levels(session_name text)
 RETURNS TABLE(level integer, candle_interval market.candle_interval, made_of text[])
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select l.level, l.candle_interval,
    -- Nobody says from when the provider counts these, so they may begin in one day and end in the next.
    case when session_name in ('us_stocks', 'round_the_clock') then l.made_of else l.made_of_sure end
  from (values
    (1, '5min', array['1min'], array['1min']),
    (2, '15min', array['5min'], array['5min']),
    (3, '30min', array['15min'], array['15min']),
    (4, '45min', array['15min'], array['15min']),
    (5, '1h', array['30min'], array['30min']),
    (6, '2h', array['1h'], array['1h']),
    (7, '4h', array['2h'], array['1h']),
    (8, '8h', array['4h'], array['1h']),
    (9, '1day', array['8h', '45min'], array['1h']),
    (10, '1week', array['1day'], array['1day']),
    (11, '1month', array['1day'], array['1day'])
  ) l (level, candle_interval, made_of, made_of_sure)
  order by l.level
$function$;

CREATE OR REPLACE FUNCTION market.scaled(amount numeric, numerator numeric, denominator numeric)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (numerator IS NULL) THEN amount ELSE trim_scale(round((round((amount * numerator), 28) / denominator), 12)) END;

CREATE OR REPLACE FUNCTION market.session_name(kind text, exchange_timezone text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (kind = 'crypto'::text) THEN 'round_the_clock'::text WHEN (kind = ANY (ARRAY['forex'::text, 'commodity'::text])) THEN 'forex'::text WHEN (exchange_timezone = 'America/New_York'::text) THEN 'us_stocks'::text ELSE 'unknown'::text END;

CREATE OR REPLACE FUNCTION market.splits_without_jump(since timestamp with time zone)
 RETURNS TABLE(instrument_id integer, split_on date, from_factor numeric, to_factor numeric, detail text)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.suspected_splits_since(since timestamp with time zone)
 RETURNS TABLE(instrument_id integer, source market.source, symbol text, candle_interval market.candle_interval, noticed_on date, kind text, price_factor numeric, from_factor numeric, to_factor numeric, detail text)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.trading_date(opened_at timestamp with time zone, session_name text, exchange_timezone text)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE session_name WHEN 'round_the_clock'::text THEN ((opened_at AT TIME ZONE 'UTC'::text))::date WHEN 'us_stocks'::text THEN ((opened_at AT TIME ZONE 'America/New_York'::text))::date WHEN 'forex'::text THEN (((opened_at AT TIME ZONE 'America/New_York'::text) + '07:00:00'::interval))::date ELSE ((opened_at AT TIME ZONE COALESCE(exchange_timezone, 'UTC'::text)))::date END;

CREATE OR REPLACE FUNCTION market.unrecorded_splits(since timestamp with time zone)
 RETURNS TABLE(instrument_id integer, opened_at timestamp with time zone, new_shares numeric, old_shares numeric, detail text)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

create aggregate market.product(numeric) (
  sfunc = numeric_mul, stype = numeric
);

CREATE TRIGGER rollups_follow_trading_hours AFTER UPDATE OF kind, exchange_timezone, session_closes ON market.instruments FOR EACH ROW WHEN ((((old.kind IS DISTINCT FROM new.kind) OR (old.exchange_timezone IS DISTINCT FROM new.exchange_timezone)) OR (old.session_closes IS DISTINCT FROM new.session_closes))) EXECUTE FUNCTION market.rebuild_rollups_of_changed_instrument();

create view market.all_candles (
  instrument_id /* integer */,
  candle_interval /* market.candle_interval */,
  opened_at /* timestamp with time zone */,
  open /* numeric */,
  high /* numeric */,
  low /* numeric */,
  close /* numeric */,
  volume /* numeric */,
  is_final /* boolean */,
  loaded_at /* timestamp with time zone */,
  rolled_up_from /* market.candle_interval */
) as
 SELECT c.instrument_id,
    c.candle_interval,
    c.opened_at,
    c.open,
    c.high,
    c.low,
    c.close,
    c.volume,
    c.is_final,
    c.loaded_at,
    (NULL::text)::market.candle_interval AS rolled_up_from
   FROM market.candles c
UNION ALL
 SELECT r.instrument_id,
    r.candle_interval,
    r.opened_at,
    r.open,
    r.high,
    r.low,
    r.close,
    r.volume,
    r.is_final,
    r.loaded_at,
    r.rolled_up_from
   FROM market.rollups r;

create view market.candles_adjusted (
  instrument_id /* integer */,
  candle_interval /* market.candle_interval */,
  opened_at /* timestamp with time zone */,
  open /* numeric */,
  high /* numeric */,
  low /* numeric */,
  close /* numeric */,
  volume /* numeric */,
  is_final /* boolean */,
  run_id /* bigint */,
  loaded_at /* timestamp with time zone */,
  price_factor /* numeric */,
  spans_split /* boolean */,
  rolled_up_from /* market.candle_interval */
) as
 SELECT c.instrument_id,
    c.candle_interval,
    c.opened_at,
    market.scaled(c.open, l.numerator, l.denominator) AS open,
    market.scaled(c.high, l.numerator, l.denominator) AS high,
    market.scaled(c.low, l.numerator, l.denominator) AS low,
    market.scaled(c.close, l.numerator, l.denominator) AS close,
    market.scaled(c.volume, l.denominator, l.numerator) AS volume,
    c.is_final,
    c.run_id,
    c.loaded_at,
    COALESCE(trim_scale(round((round(l.numerator, 36) / l.denominator), 20)), (1)::numeric) AS price_factor,
    COALESCE((((c.candle_interval)::text = ANY (ARRAY['1week'::text, '1month'::text])) AND (((l.ends_on)::timestamp without time zone AT TIME ZONE 'UTC'::text) < market.candle_closes_at(c.candle_interval, c.opened_at, NULL::text, NULL::time without time zone))), false) AS spans_split,
    c.rolled_up_from
   FROM (( SELECT f.instrument_id,
            f.candle_interval,
            f.opened_at,
            f.open,
            f.high,
            f.low,
            f.close,
            f.volume,
            f.is_final,
            f.run_id,
            f.loaded_at,
            (NULL::text)::market.candle_interval AS rolled_up_from
           FROM market.candles f
        UNION ALL
         SELECT r.instrument_id,
            r.candle_interval,
            r.opened_at,
            r.open,
            r.high,
            r.low,
            r.close,
            r.volume,
            r.is_final,
            NULL::bigint AS int8,
            r.loaded_at,
            r.rolled_up_from
           FROM market.rollups r) c
     LEFT JOIN market.price_levels l ON (((l.instrument_id = c.instrument_id) AND (c.opened_at <
        CASE
            WHEN ((c.candle_interval)::text = ANY (ARRAY['1day'::text, '1week'::text, '1month'::text])) THEN ((l.ends_on)::timestamp without time zone AT TIME ZONE 'UTC'::text)
            ELSE l.ends_at
        END) AND (c.opened_at >= COALESCE(
        CASE
            WHEN ((c.candle_interval)::text = ANY (ARRAY['1day'::text, '1week'::text, '1month'::text])) THEN ((l.starts_on)::timestamp without time zone AT TIME ZONE 'UTC'::text)
            ELSE l.starts_at
        END, '-infinity'::timestamp with time zone)))));

create view market.daily_returns (
  instrument_id /* integer */,
  traded_on /* date */,
  return_percent /* double precision */
) as
 SELECT instrument_id,
    ((opened_at AT TIME ZONE 'UTC'::text))::date AS traded_on,
    (((100)::numeric * ((close / NULLIF(lag(close) OVER (PARTITION BY instrument_id ORDER BY opened_at), (0)::numeric)) - (1)::numeric)))::double precision AS return_percent
   FROM market.candles c
  WHERE (((candle_interval)::text = '1day'::text) AND is_final);

create view market.gaps (
  source /* market.source */,
  instrument_id /* integer */,
  symbol /* text */,
  candle_interval /* market.candle_interval */,
  opened_from /* timestamp with time zone */,
  opened_to /* timestamp with time zone */,
  missing_candles /* bigint */,
  last_empty_at /* timestamp with time zone */,
  ask_again_at /* timestamp with time zone */
) as
 SELECT source,
    instrument_id,
    symbol,
    candle_interval,
    opened_from,
    opened_to,
    missing_candles,
    last_empty_at,
    ask_again_at
   FROM market.find_gaps((NULL::text)::market.source, NULL::timestamp with time zone, NULL::timestamp with time zone) g(source, instrument_id, symbol, candle_interval, opened_from, opened_to, missing_candles, last_empty_at, ask_again_at);

create view market.missing_candles (
  instrument_id /* integer */,
  candle_interval /* market.candle_interval */,
  opened_at /* timestamp with time zone */
) as
 SELECT instrument_id,
    candle_interval,
    opened_at
   FROM market.find_missing_candles((NULL::text)::market.source, NULL::timestamp with time zone, NULL::timestamp with time zone) m(instrument_id, candle_interval, opened_at);

create view market.price_levels (
  instrument_id /* integer */,
  starts_on /* date */,
  ends_on /* date */,
  ends_at /* timestamp with time zone */,
  starts_at /* timestamp with time zone */,
  numerator /* numeric */,
  denominator /* numeric */
) as
 SELECT s.instrument_id,
    lag(s.split_on) OVER (PARTITION BY s.instrument_id ORDER BY s.split_on) AS starts_on,
    s.split_on AS ends_on,
    ((s.split_on)::timestamp without time zone AT TIME ZONE COALESCE(i.exchange_timezone, 'UTC'::text)) AS ends_at,
    lag(((s.split_on)::timestamp without time zone AT TIME ZONE COALESCE(i.exchange_timezone, 'UTC'::text))) OVER (PARTITION BY s.instrument_id ORDER BY s.split_on) AS starts_at,
    market.product(s.to_factor) OVER (PARTITION BY s.instrument_id ORDER BY s.split_on DESC) AS numerator,
    market.product(s.from_factor) OVER (PARTITION BY s.instrument_id ORDER BY s.split_on DESC) AS denominator
   FROM (market.splits s
     JOIN market.instruments i ON ((i.id = s.instrument_id)));

create view market.suspected_splits (
  instrument_id /* integer */,
  source /* market.source */,
  symbol /* text */,
  candle_interval /* market.candle_interval */,
  noticed_on /* date */,
  kind /* text */,
  price_factor /* numeric */,
  from_factor /* numeric */,
  to_factor /* numeric */,
  detail /* text */
) as
 SELECT instrument_id,
    source,
    symbol,
    candle_interval,
    noticed_on,
    kind,
    price_factor,
    from_factor,
    to_factor,
    detail
   FROM market.suspected_splits_since('-infinity'::timestamp with time zone) s(instrument_id, source, symbol, candle_interval, noticed_on, kind, price_factor, from_factor, to_factor, detail);

comment on schema market is 'Chandlery: market candles from the provider, kept once, and every figure computed from them.';
comment on domain market.candle_interval is 'How long a candle lasts, as in market/interval.ts: 1min … 1month.';
comment on domain market.source is 'Where candles come from. Simulated ones are never mixed with real ones.';
comment on table market.admin_tokens is 'One row at most: the token made at the first start, which every change through the web needs. The setting ADMIN_TOKEN stands in for it.';
comment on column market.admin_tokens.is_the_one is 'Always true, so that there is no second row.';
comment on column market.admin_tokens.token_digest is 'SHA-256 of the token, which is random and 32 bytes long; the token itself is kept nowhere.';
comment on column market.admin_tokens.made_at is 'When it was made and printed.';
comment on view market.all_candles is 'Every candle of every interval: those that the provider sent and, where it sent none, those rolled up from shorter ones. Filter by instrument_id and candle_interval.';
comment on column market.all_candles.instrument_id is 'The instrument.';
comment on column market.all_candles.candle_interval is 'How long the candle lasts.';
comment on column market.all_candles.opened_at is 'The instant the candle opened; 00:00 UTC of its date for a day or longer.';
comment on column market.all_candles.open is 'First price, exact.';
comment on column market.all_candles.high is 'Highest price, exact.';
comment on column market.all_candles.low is 'Lowest price, exact.';
comment on column market.all_candles.close is 'Last price, exact.';
comment on column market.all_candles.volume is 'Units traded; null when not reported.';
comment on column market.all_candles.is_final is 'False while the candle is still forming.';
comment on column market.all_candles.loaded_at is 'When it, or the newest candle in it, was loaded.';
comment on column market.all_candles.rolled_up_from is 'The interval that it was rolled up from; null for a candle that the provider sent.';
comment on table market.backfills is 'One row per window of history that was asked for; it is loaded backwards, and goes on where it was.';
comment on column market.backfills.id is 'Number of the backfill.';
comment on column market.backfills.instrument_id is 'The instrument.';
comment on column market.backfills.candle_interval is 'The interval.';
comment on column market.backfills.wanted_from is 'Begin of the window, inclusive.';
comment on column market.backfills.wanted_to is 'End of the window, exclusive.';
comment on column market.backfills.reached_at is 'All from here to the end is loaded. Committed together with the candles.';
comment on column market.backfills.requested_at is 'When it was asked for.';
comment on column market.backfills.finished_at is 'When its begin was reached; null while it is not.';
comment on column market.backfills.empty_since is 'When the provider first answered that it has nothing older: believed when it says so an hour later.';
comment on column market.backfills.ask_again_at is 'Before this no scheduled run goes on with it, as the provider refused it; null when it did not.';
comment on table market.candle_revisions is 'What a final candle said before the provider restated it: one row per candle and restatement.';
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
comment on table market.candles is 'One row per instrument, interval and open time: what the provider last said of that candle.';
comment on column market.candles.instrument_id is 'The instrument.';
comment on column market.candles.candle_interval is 'How long the candle lasts.';
comment on column market.candles.opened_at is 'The instant the candle opened; 00:00 UTC of its date for a day or longer.';
comment on column market.candles.open is 'First price, exact.';
comment on column market.candles.high is 'Highest price, exact.';
comment on column market.candles.low is 'Lowest price, exact.';
comment on column market.candles.close is 'Last price, exact.';
comment on column market.candles.volume is 'Units traded (shares, coins); null when the provider does not report it, which is not zero.';
comment on column market.candles.is_final is 'False while the candle was still forming when it was loaded.';
comment on column market.candles.run_id is 'The run that wrote this row last. No foreign key: runs may be pruned, candles stay.';
comment on column market.candles.loaded_at is 'When that run fetched it.';
comment on view market.candles_adjusted is 'market.all_candles at the price level of today, continuous over every split in market.splits: prices times to_factor / from_factor of each split after the candle''s trading date, volumes divided by it. The factor is an exact fraction; a result is rounded to 12 decimals. Candles after the last split are as they were stored. The trading date is that of the candle''s first instant at its exchange.';
comment on column market.candles_adjusted.instrument_id is 'The instrument.';
comment on column market.candles_adjusted.candle_interval is 'How long the candle lasts.';
comment on column market.candles_adjusted.opened_at is 'The instant the candle opened.';
comment on column market.candles_adjusted.open is 'First price, adjusted.';
comment on column market.candles_adjusted.high is 'Highest price, adjusted.';
comment on column market.candles_adjusted.low is 'Lowest price, adjusted.';
comment on column market.candles_adjusted.close is 'Last price, adjusted.';
comment on column market.candles_adjusted.volume is 'Units traded, adjusted; null when not reported.';
comment on column market.candles_adjusted.is_final is 'False while the candle is still forming.';
comment on column market.candles_adjusted.run_id is 'The run that wrote the candle last; null for one that was rolled up.';
comment on column market.candles_adjusted.loaded_at is 'When that run fetched it.';
comment on column market.candles_adjusted.price_factor is 'What the prices were multiplied by, to 20 decimals; 1 after the last split.';
comment on column market.candles_adjusted.spans_split is 'True for a week or month with a split inside: its stored prices mix two levels, and all of them are adjusted as those of its first date. Take its daily candles instead.';
comment on column market.candles_adjusted.rolled_up_from is 'The interval that it was rolled up from; null for a candle that the provider sent.';
comment on table market.credit_windows is 'Credits of the provider''s plan: one row per reservation of a request for about a minute (kind minute), and one per day in UTC, kept as a history of use (kind day).';
comment on column market.credit_windows.id is 'Number of the window.';
comment on column market.credit_windows.source is 'The provider whose credits they are.';
comment on column market.credit_windows.kind is 'minute or day.';
comment on column market.credit_windows.started_at is 'minute: when the credits were reserved; day: 00:00 UTC.';
comment on column market.credit_windows.answered_at is 'minute: when the answer, or the failure, was there: the credits count for 61 s from then on; null while it is not. Always null for a day.';
comment on column market.credit_windows.credits is 'Credits reserved or spent in it, with those that the provider counted and nobody here spent.';
comment on column market.credit_windows.told_per_minute is 'day: the credits a minute that the plan grants, as the provider told last; null until it does.';
comment on view market.daily_returns is 'Simple return of each final daily candle against the one stored before it, in per cent: 100 (close / previous close - 1). The first candle has none.';
comment on column market.daily_returns.instrument_id is 'The instrument.';
comment on column market.daily_returns.traded_on is 'The date of the daily candle.';
comment on column market.daily_returns.return_percent is 'Return in per cent; null for the first.';
comment on table market.gap_answers is 'One row per gap for which the provider has no data: it holds for every candle in it that is missing.';
comment on column market.gap_answers.instrument_id is 'The instrument.';
comment on column market.gap_answers.candle_interval is 'The interval.';
comment on column market.gap_answers.opened_from is 'Open time of the first candle asked for.';
comment on column market.gap_answers.opened_to is 'Open time of the last candle asked for.';
comment on column market.gap_answers.empty_count is 'How often the answer was that there is no data.';
comment on column market.gap_answers.last_asked_at is 'When it was asked last.';
comment on column market.gap_answers.ask_again_at is 'Before this it is not asked again: a day after the first answer, a week after each later one.';
comment on view market.gaps is 'One row per hole in the data: an unbroken run of missing candles of one series. Reads everything; for a window ask find_gaps().';
comment on column market.gaps.source is 'Where the candles of the instrument come from.';
comment on column market.gaps.instrument_id is 'The instrument.';
comment on column market.gaps.symbol is 'What the provider calls it.';
comment on column market.gaps.candle_interval is 'The interval.';
comment on column market.gaps.opened_from is 'Open time of the first missing candle.';
comment on column market.gaps.opened_to is 'Open time of the last missing candle.';
comment on column market.gaps.missing_candles is 'How many candles are missing.';
comment on column market.gaps.last_empty_at is 'When the provider answered last that it has no data; null when it was not asked.';
comment on column market.gaps.ask_again_at is 'Before this the provider is not asked again; null when it has not answered yet.';
comment on table market.instruments is 'One row per tradable thing and source.';
comment on column market.instruments.id is 'Our own number of the instrument.';
comment on column market.instruments.source is 'Where its candles come from.';
comment on column market.instruments.symbol is 'What the provider calls it: AAPL, BTC/USD.';
comment on column market.instruments.slug is 'The symbol as one segment of a URL: BTC-USD.';
comment on column market.instruments.name is 'What people call it; null when nobody said.';
comment on column market.instruments.kind is 'stock, etf, index, forex, crypto or commodity.';
comment on column market.instruments.exchange is 'Where it trades, by name; null for a market without one place.';
comment on column market.instruments.mic_code is 'Market identifier code (ISO 10383) of the exchange.';
comment on column market.instruments.currency is 'Currency of the prices, as the provider said; null for pairs.';
comment on column market.instruments.currency_base is 'What one unit of a pair is: Bitcoin.';
comment on column market.instruments.currency_quote is 'What a pair is priced in: US Dollar.';
comment on column market.instruments.exchange_timezone is 'IANA time zone of the exchange.';
comment on column market.instruments.session_closes is 'When the regular session ends, local time of the exchange; null when trading has no daily close.';
comment on column market.instruments.is_active is 'False once it was deactivated: it is no longer shown, its candles stay.';
comment on column market.instruments.created_at is 'When it was first loaded.';
comment on column market.instruments.pinned_mic_code is 'The listing (ISO 10383) that the symbol must mean in every request; null: the provider chooses.';
comment on view market.missing_candles is 'One row per candle that is expected and not stored, of everything: see find_missing_candles().';
comment on column market.missing_candles.instrument_id is 'The instrument.';
comment on column market.missing_candles.candle_interval is 'The interval.';
comment on column market.missing_candles.opened_at is 'The open time that is missing.';
comment on view market.price_levels is 'One row per instrument and stretch of dates that ends with a split, with the product of the factors of that split and of all later ones. There is none after the newest split: prices there are as they are.';
comment on column market.price_levels.instrument_id is 'The instrument.';
comment on column market.price_levels.starts_on is 'First date of the stretch; null for all before.';
comment on column market.price_levels.ends_on is 'The date of the split that ends it, exclusive.';
comment on column market.price_levels.ends_at is 'The first instant of ends_on at the exchange (UTC where it has no zone).';
comment on column market.price_levels.starts_at is 'The first instant of starts_on at the exchange.';
comment on column market.price_levels.numerator is 'Prices of the stretch × numerator / denominator are prices of today.';
comment on column market.price_levels.denominator is 'Volumes of the stretch × denominator / numerator are volumes of today.';
comment on table market.refusals is 'One row per series that the provider refuses for good: it is not asked again before ask_again_at.';
comment on column market.refusals.source is 'The source that refused.';
comment on column market.refusals.symbol is 'The symbol that was asked for.';
comment on column market.refusals.candle_interval is 'The interval that was asked for.';
comment on column market.refusals.reason is 'symbol_plan, endpoint_plan, unknown_symbol or bad_request.';
comment on column market.refusals.message is 'What the provider said, and what to do.';
comment on column market.refusals.plan is 'The plan that it needs, as far as the provider says.';
comment on column market.refusals.refused_at is 'When it was refused last.';
comment on column market.refusals.ask_again_at is 'When it may be asked again; null: not until someone asks for it.';
comment on table market.rejects is 'Every row of the provider that did not pass, once per series, reason and payload.';
comment on column market.rejects.id is 'Our own number of the reject.';
comment on column market.rejects.run_id is 'The run that met it first.';
comment on column market.rejects.instrument_id is 'The instrument it was fetched for.';
comment on column market.rejects.candle_interval is 'The interval it was fetched for.';
comment on column market.rejects.reason is 'The rule that it breaks, with the value.';
comment on column market.rejects.payload is 'The row as the provider sent it.';
comment on column market.rejects.rejected_at is 'When it was met first.';
comment on column market.rejects.opened_at is 'The open time that the row claims; null when it cannot be read.';
comment on column market.rejects.accepted_at is 'When someone accepted it by hand, so that its values became the candle; null while nobody did.';
comment on table market.rollups is 'One row per instrument, longer interval and open time of which no fetched candle is stored: rolled up from the shorter ones, in the transaction that stores them. Read market.all_candles.';
comment on column market.rollups.instrument_id is 'The instrument.';
comment on column market.rollups.candle_interval is 'How long the candle lasts.';
comment on column market.rollups.opened_at is 'The instant the candle opens; 00:00 UTC of its date for a day or longer.';
comment on column market.rollups.open is 'Open of the first candle in it, exact.';
comment on column market.rollups.high is 'Highest price, exact.';
comment on column market.rollups.low is 'Lowest price, exact.';
comment on column market.rollups.close is 'Close of the last candle in it, exact.';
comment on column market.rollups.volume is 'Sum of the volumes, exact; null when a volume in it was not reported.';
comment on column market.rollups.is_final is 'False while a candle in it is forming, or more of them are to come.';
comment on column market.rollups.rolled_up_from is 'The interval of the candles in it.';
comment on column market.rollups.candle_count is 'How many candles are in it.';
comment on column market.rollups.loaded_at is 'When the newest of them was loaded.';
comment on table market.run_steps is 'One row per run and series (instrument and interval) in it.';
comment on column market.run_steps.id is 'Number of the step.';
comment on column market.run_steps.run_id is 'The run.';
comment on column market.run_steps.instrument_id is 'The instrument; null when the provider did not know the symbol.';
comment on column market.run_steps.symbol is 'The symbol that was asked for.';
comment on column market.run_steps.candle_interval is 'The interval that was asked for.';
comment on column market.run_steps.status is 'ok; failed; skipped: refused before and not asked again until someone says so.';
comment on column market.run_steps.window_from is 'Begin of the window asked for; null for the newest candles of a first load.';
comment on column market.run_steps.window_to is 'End of the window asked for.';
comment on column market.run_steps.candles_fetched is 'Candles that the provider answered and that passed.';
comment on column market.run_steps.candles_inserted is 'Candles that were new.';
comment on column market.run_steps.candles_updated is 'Forming candles that were overwritten.';
comment on column market.run_steps.candles_revised is 'Final candles that were restated.';
comment on column market.run_steps.rows_rejected is 'Rows that did not pass and had not been met before.';
comment on column market.run_steps.credits is 'Credits of the provider that it cost: one an attempt.';
comment on column market.run_steps.duration_ms is 'How long it took, in milliseconds.';
comment on column market.run_steps.error is 'Why it failed or was skipped.';
comment on column market.run_steps.finished_at is 'When it ended.';
comment on column market.run_steps.purpose is 'What it was for: fresh (what is new), gap (what was missing), history (older candles), import.';
comment on column market.run_steps.reason is 'The kind of outcome in a word: no_data for an empty answer, else why it failed: symbol_plan, unknown_symbol, server, timeout and so on; null for an ordinary success.';
comment on table market.runs is 'One row per run of the ETL.';
comment on column market.runs.id is 'Number of the run.';
comment on column market.runs.source is 'The source that it loaded from.';
comment on column market.runs.trigger is 'What began it: start, cron or manual (all that is new), backfill, repair (of gaps) or import (of a file).';
comment on column market.runs.status is 'running; ok: all steps; partial: some; failed: none, or it was stopped; interrupted: its process ended.';
comment on column market.runs.started_at is 'When it began.';
comment on column market.runs.finished_at is 'When it ended; null while it runs.';
comment on column market.runs.duration_ms is 'How long it took, in milliseconds.';
comment on column market.runs.error is 'What stopped the run as a whole; null when nothing did.';
comment on table market.splits is 'One row per split of an instrument that has taken place: to_factor old shares became from_factor new ones.';
comment on column market.splits.instrument_id is 'The instrument.';
comment on column market.splits.split_on is 'The first date, at its exchange, that trades at the new price.';
comment on column market.splits.from_factor is 'New shares for to_factor old ones: 4 of a 4-for-1 split.';
comment on column market.splits.to_factor is 'Old shares that became from_factor new ones: 1 of a 4-for-1 split.';
comment on column market.splits.description is 'What its origin calls it; null when it says nothing.';
comment on column market.splits.origin is 'Who said so: provider, or import for a file of the operator.';
comment on column market.splits.recorded_at is 'When this row was written last.';
comment on view market.suspected_splits is 'Where the stored prices and market.splits do not fit together. It reads every daily candle: use market.suspected_splits_since() for the last days.';
comment on column market.suspected_splits.instrument_id is 'The instrument.';
comment on column market.suspected_splits.source is 'Where its candles come from.';
comment on column market.suspected_splits.symbol is 'Its symbol.';
comment on column market.suspected_splits.candle_interval is 'The series that shows it.';
comment on column market.suspected_splits.noticed_on is 'First date at the new price; of a restatement, the UTC date on which it was met.';
comment on column market.suspected_splits.kind is 'unrecorded_split: prices jump as at a split that is not in market.splits. readjusted_history: the provider adjusted prices of the past, though raw ones are asked for.';
comment on column market.suspected_splits.price_factor is 'What prices before are to be multiplied by to reach the level after.';
comment on column market.suspected_splits.from_factor is 'New shares of the split that fits (or is recorded); null for a restatement.';
comment on column market.suspected_splits.to_factor is 'Old shares of the split that fits (or is recorded); null for a restatement.';
comment on column market.suspected_splits.detail is 'What was seen, and what to do.';
comment on table market.trading_days is 'One row per session and date that it trades, from 2001 to more than a year ahead: written by the program from market/session.ts. Before the first one nothing is known.';
comment on column market.trading_days.session_name is 'us_stocks or forex; a market that trades round the clock needs no calendar.';
comment on column market.trading_days.traded_on is 'The date that the daily candle carries.';
comment on column market.trading_days.opens_at is 'When the session opens; forex on the evening before.';
comment on column market.trading_days.closes_at is 'When it closes, half days early.';
comment on table market.watermarks is 'One row per loaded series: how far it reaches. Committed together with the candles.';
comment on column market.watermarks.instrument_id is 'The instrument.';
comment on column market.watermarks.candle_interval is 'The interval of the series.';
comment on column market.watermarks.newest_final_at is 'Open time of the newest final candle; null while only a forming one is there.';
comment on column market.watermarks.oldest_at is 'Open time of the oldest candle.';
comment on column market.watermarks.is_history_exhausted is 'True once the provider is known to have nothing older.';
comment on function market.bucket_opens_at(wanted market.candle_interval, shorter market.candle_interval, opened_at timestamp with time zone, session_name text, exchange_timezone text) is 'When the candle of the wanted interval opens that holds a shorter one. A day is the trading date, a week begins on Monday (ISO 8601), a month on its first. Intraday candles are counted from 09:30 New York for US stocks, from 17:00 New York for forex, from 00:00 UTC round the clock, and from midnight at the exchange where its hours are not known. session_name as market.session_name() says.';
comment on function market.candle_closes_at(wanted market.candle_interval, opened_at timestamp with time zone, exchange_timezone text, session_closes time without time zone) is 'The instant a candle ends: one interval after it opened, or when the session closes before that. Half days count as whole ones.';
comment on function market.candles_as_of(known_at timestamp with time zone) is 'The candles as they were known at that instant: filter them as market.candles. A candle that was still forming then and was overwritten since is missing, as forming candles leave no trace.';
comment on function market.daily_jumps(since timestamp with time zone) is 'Every final daily candle of a stock or ETF that opened since then, beside the one before it: what is needed to see a split. turnover_ratio compares the money traded (close × volume); null when a volume is not reported.';
comment on function market.expected_candles(wanted_session text, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'The open times of the candles that a session''s calendar promises in [from, to), in no order, as candleOpens() in market/session.ts: none for an unknown session, nor where trading_days has no row.';
comment on function market.figures(wanted_instrument_id integer, as_of timestamp with time zone) is 'Key figures of one instrument as of an instant: latest price and its changes over real time; high, low and units traded of the 24 hours before it, from candles of an hour or shorter; 52-week range from daily candles; the oldest candle stored.';
comment on function market.find_gaps(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_symbols text[], wanted_intervals text[]) is 'One row per unbroken run of missing candles of one series that opened in [from, to), apart where the provider has answered for a part of it only; see find_missing_candles().';
comment on function market.find_missing_candles(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_symbols text[], wanted_intervals text[]) is 'One row per candle that is expected in [from, to), between the two ends of what is loaded of an active instrument, and not stored. Expected is what the calendar promises; where there is none, what at least half of the other instruments of the same exchange and kind have. An argument that is null limits nothing.';
comment on function market.finest_interval(wanted_instrument_id integer, longest interval) is 'The shortest stored interval of an instrument, no longer than asked for; null when there is none.';
comment on function market.interval_duration(wanted market.candle_interval) is 'The longest that a candle of this interval lasts; a month counts 31 days.';
comment on function market.lock_candles(wanted_instrument_id integer) is 'Until the end of the transaction nobody else loads candles of the instrument: its rollups are made of several series.';
comment on function market.overview(wanted_source market.source, as_of timestamp with time zone) is 'Every active instrument of a source with its latest price, the changes over real time and a line of at most 60 closes of the last 7 days, as of an instant.';
comment on function market.price_at(wanted_instrument_id integer, at timestamp with time zone) is 'The last price known at an instant, and since when: the close of the newest candle of any interval that had ended by then, or of the forming one that had been loaded by then. No row when none had.';
comment on function market.price_changes(wanted_instrument_id integer, as_of timestamp with time zone) is 'The latest price and its change over the 24 hours, 7 days and 30 days of real time before it, in currency and in per cent; null where no price is known that long before.';
comment on aggregate market.product(numeric) is 'Exact product of the values; null of none.';
comment on function market.rebuild_rollups(wanted_instrument_id integer) is 'Makes all of market.rollups of an instrument again. Loads keep them up to date by themselves: this is for after candles were deleted or changed by hand.';
comment on function market.rebuild_rollups_of_changed_instrument() is 'Trigger: the trading hours of an instrument have become known or have changed.';
comment on function market.restated_levels(since timestamp with time zone) is 'Series of which a run since then restated two or more final candles by one factor in all four prices (0.2 % and more), while older candles are still as they were loaded before.';
comment on function market.roll_up(wanted_instrument_id integer, changed_intervals text[], changed_from timestamp with time zone, changed_to timestamp with time zone) is 'Brings market.rollups of an instrument up to date after fetched candles of the intervals have changed that opened in [from, to]: the buckets that hold them, the bucket before, and of every longer interval those that changed with them. Rows that stay the same are not written. The caller holds lock_candles().';
comment on function market.rollup_levels(session_name text) is 'Of which candles (fetched or rolled up themselves) those of each longer interval are made, the shorter first. Of two intervals the longer one is taken wherever a bucket has a candle of it.';
comment on function market.scaled(amount numeric, numerator numeric, denominator numeric) is 'amount × numerator / denominator, rounded half up to 12 decimals; the amount itself, untouched, when the numerator is null.';
comment on function market.session_name(kind text, exchange_timezone text) is 'The trading hours of an instrument by its kind and the zone of its exchange, as sessionOf() in market/session.ts: us_stocks, round_the_clock, forex or unknown.';
comment on function market.splits_without_jump(since timestamp with time zone) is 'Recorded splits of 1.4:1 and more since then at which the daily candles do not jump: what lies before was adjusted by the provider, though raw prices are asked for.';
comment on function market.suspected_splits_since(since timestamp with time zone) is 'market.suspected_splits, of candles that opened and restatements that were met since then; what lies before is not read.';
comment on function market.trading_date(opened_at timestamp with time zone, session_name text, exchange_timezone text) is 'The date of the trading day in which an intraday candle opens: the UTC date round the clock, the date at the exchange for stocks, and for forex the date on which the day that began at 17:00 New York ends. session_name as market.session_name() says.';
comment on function market.unrecorded_splits(since timestamp with time zone) is 'Final daily candles since then whose open is to the close before as after a usual split that is not in market.splits. n:1 and 1:n of 2 to 8, 10, 15, 20, 25, 30, 50 and 100: within 6 %, when not more than 4 times the money of the day before was traded, as in a crash or a take-over. 3:2, 4:3 and their reverse: within 1.5 %, when the money traded is known and 0.4 to 1.5 times that. Finer splits (5:4) cannot be told from a bad day. A false alarm ends with a recorded split of 1:1.';
