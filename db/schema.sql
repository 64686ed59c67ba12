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

CREATE OR REPLACE FUNCTION market.adx_series(highs double precision[], lows double precision[], n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  indices double precision[] := highs;
  up double precision;
  down double precision;
  plus double precision := 0;
  minus double precision := 0;
  weight double precision;
  unmoved_count integer := 0;
begin
  for i in 2 .. cardinality(highs) loop
    if i <= n + 1 then weight := i - 1; end if;
    up := greatest(highs[i] - highs[i - 1], 0);
    down := greatest(lows[i - 1] - lows[i], 0);
    plus := market.next_mean(plus, case when up > down then up else 0 end, weight);
    minus := market.next_mean(minus, case when down > up then down else 0 end, weight);
    unmoved_count := case when up = down then unmoved_count + 1 else 0 end;
    indices[i] := case when unmoved_count < 14 * n
      then market.directional_index(plus, minus) else 0 end;
  end loop;
  return market.mean_series(indices[n + 1:], n, n);
end
$function$;

CREATE OR REPLACE FUNCTION market.adx_step(state double precision[], high double precision, low double precision, close double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  up double precision;
  down double precision;
  has_moved boolean;
  index_count double precision;
begin
  state[1] := null;
  if (high - high = 0 and low - low = 0 and close - close = 0 and n > 0) is not true then
    return state;
  end if;
  up := greatest(high - state[3], 0);
  down := greatest(state[4] - low, 0);
  if state[3] is not null then
    has_moved := up <> down;
    state[2] := state[2] + 1;
    state[5] := market.next_mean(state[5], case when up > down then up else 0 end, least(state[2], n));
    state[6] := market.next_mean(state[6], case when down > up then down else 0 end, least(state[2], n));
    state[7] := case when has_moved then 0 else state[7] + 1 end;
    index_count := state[2] - n + 1;
    if index_count > 0 then
      state[8] := market.next_mean(state[8],
        case when state[7] < 14 * n then market.directional_index(state[5], state[6]) else 0 end,
        least(index_count, n));
      if index_count >= n then state[1] := state[8]; end if;
    end if;
  end if;
  state[3] := high;
  state[4] := low;
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.aligned_returns(wanted_instrument_ids integer[], other_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(instrument_id integer, other_instrument_id integer, opened_at timestamp with time zone, previous_opened_at timestamp with time zone, return_percent double precision, other_return_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  -- As arrays, each pair is joined by itself: a join of all candles would depend on the planner's guess
  -- of their number, and becomes a nested loop where that is low.
  with series as materialized (
    select
      l.instrument_id, array_agg(l.opened_at order by l.opened_at) as instants,
      array_agg(l.close order by l.opened_at) as closes
    from (
      select
        c.instrument_id, c.opened_at,
        -- As in market.rebased().
        (
          case when c.spans_split then (
            select d.close
            from market.candles_adjusted d
            where d.instrument_id = c.instrument_id and d.candle_interval = '1day'
              and d.opened_at >= c.opened_at
              and d.opened_at < market.candle_closes_at(c.candle_interval, c.opened_at, null, null)
            order by d.opened_at desc
            limit 1
          ) else c.close end
        )::double precision as close
      from market.candles_adjusted c
      where c.instrument_id = any (wanted_instrument_ids || other_instrument_ids)
        and c.candle_interval = wanted_interval
        and c.opened_at >= coalesce(wanted_from, '-infinity')
        and c.opened_at < coalesce(wanted_to, 'infinity')
        and c.is_final
    ) l
    where l.close is not null
    group by l.instrument_id
  )
  select
    a.instrument_id, b.instrument_id, r.opened_at, r.previous_opened_at,
    r.return_percent, r.other_return_percent
  from series a
  cross join series b
  cross join lateral (
    select
      opened_at,
      lag(opened_at) over by_time as previous_opened_at,
      100 * x.close / nullif(lag(x.close) over by_time, 0) - 100 as return_percent,
      100 * y.close / nullif(lag(y.close) over by_time, 0) - 100 as other_return_percent
    from unnest(a.instants, a.closes) x (opened_at, close)
    join unnest(b.instants, b.closes) y (opened_at, close) using (opened_at)
    window by_time as (order by opened_at)
  ) r
  where a.instrument_id = any (wanted_instrument_ids)
    and b.instrument_id = any (other_instrument_ids)
    and r.return_percent is not null and r.other_return_percent is not null
$function$;

CREATE OR REPLACE FUNCTION market.atr_step(state double precision[], high double precision, low double precision, close double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  true_range double precision;
begin
  state[1] := null;
  if (high - high = 0 and low - low = 0 and close - close = 0 and n > 0) is not true then
    return state;
  end if;
  if state[3] is not null then
    true_range := greatest(high, state[3]) - least(low, state[3]);
    state[2] := state[2] + 1;
    state[4] := market.next_mean(state[4], true_range, least(state[2], n));
    if state[2] >= n then state[1] := state[4]; end if;
  end if;
  state[3] := close;
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.betas(wanted_instrument_ids integer[], wanted_benchmark_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(instrument_id integer, beta double precision, observations integer)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    i.id,
    case when r.observations >= 3 and r.benchmark_sum_of_squares > 1e-20 * r.observations
      then r.sum_of_products / r.benchmark_sum_of_squares end,
    coalesce(r.observations, 0)::integer
  from market.instruments i
  left join (
    select
      a.instrument_id, count(*) as observations,
      regr_sxx(a.return_percent, a.other_return_percent) as benchmark_sum_of_squares,
      regr_sxy(a.return_percent, a.other_return_percent) as sum_of_products
    from market.aligned_returns(
      wanted_instrument_ids, array[wanted_benchmark_id], wanted_interval, wanted_from, wanted_to) a
    group by a.instrument_id
  ) r on r.instrument_id = i.id
  where i.id = any (wanted_instrument_ids)
$function$;

CREATE OR REPLACE FUNCTION market.breadth(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(span text, kind text, instruments bigint, known bigint, rising bigint, falling bigint, unchanged bigint, rising_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    m.span, m.kind, count(*), count(m.change_percent),
    count(*) filter (where m.change_percent > 0), count(*) filter (where m.change_percent < 0),
    count(*) filter (where m.change_percent = 0),
    100.0::double precision * count(*) filter (where m.change_percent > 0)
      / nullif(count(m.change_percent), 0)
  from market.movers(wanted_source, as_of) m
  group by grouping sets ((m.span, m.kind), (m.span))
$function$;

CREATE OR REPLACE FUNCTION market.bucket_opens_at(wanted market.candle_interval, shorter market.candle_interval, opened_at timestamp with time zone, session_name text, exchange_timezone text)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((wanted)::text = ANY (ARRAY['1day'::text, '1week'::text, '1month'::text])) THEN (date_trunc(CASE wanted WHEN '1day'::text THEN 'day'::text WHEN '1week'::text THEN 'week'::text ELSE 'month'::text END, CASE WHEN ((shorter)::text = ANY (ARRAY['1day'::text, '1week'::text])) THEN (opened_at AT TIME ZONE 'UTC'::text) ELSE (market.trading_date(opened_at, session_name, exchange_timezone))::timestamp without time zone END) AT TIME ZONE 'UTC'::text) WHEN ((session_name = ANY (ARRAY['us_stocks'::text, 'forex'::text])) AND ((wanted)::text <> ALL (ARRAY['5min'::text, '15min'::text, '30min'::text]))) THEN date_bin(market.interval_duration(wanted), opened_at, CASE session_name WHEN 'us_stocks'::text THEN ((market.trading_date(opened_at, session_name, exchange_timezone) + '09:30:00'::time without time zone) AT TIME ZONE 'America/New_York'::text) ELSE (((market.trading_date(opened_at, session_name, exchange_timezone) - 1) + '17:00:00'::time without time zone) AT TIME ZONE 'America/New_York'::text) END) ELSE date_bin(market.interval_duration(wanted), opened_at, '2000-01-01 00:00:00+00'::timestamp with time zone) END;

CREATE OR REPLACE FUNCTION market.candle_after(wanted_session text, wanted_interval market.candle_interval, after timestamp with time zone)
 RETURNS TABLE(opened_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select case when wanted_session = 'round_the_clock' then
    -- 1900-01-01 was a Monday, as weeks begin.
    case when wanted_interval = '1month' then
      (date_trunc('month', after at time zone 'UTC') + interval '1 month') at time zone 'UTC'
    else date_bin(
      market.interval_duration(wanted_interval), after, timestamptz '1900-01-01 00:00:00+00'
    ) + market.interval_duration(wanted_interval) end
  when wanted_interval in ('1day', '1week', '1month') then (
    select date_trunc(unit.name, d.traded_on::timestamp) at time zone 'UTC'
    from (
      select case wanted_interval when '1week' then 'week' when '1month' then 'month' else 'day' end
    ) unit (name)
    join market.trading_days d on d.traded_on >= (
      date_trunc(unit.name, after at time zone 'UTC') + ('1 ' || unit.name)::interval
    )::date
    where d.session_name = wanted_session
    order by d.traded_on
    limit 1
  ) else (
    select slot.opened_at
    from market.trading_days d
    cross join lateral (
      select case
        when d.opens_at > after then d.opens_at
        else date_bin(market.interval_duration(wanted_interval), after, d.opens_at)
          + market.interval_duration(wanted_interval)
      end as opened_at
    ) slot
    where d.session_name = wanted_session
      and d.traded_on >= (after at time zone 'UTC')::date
      and slot.opened_at < d.closes_at
    order by d.traded_on
    limit 1
  ) end
$function$;

CREATE OR REPLACE FUNCTION market.candle_closes_at(wanted market.candle_interval, opened_at timestamp with time zone, exchange_timezone text, session_closes time without time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN CASE WHEN ((wanted)::text = '1month'::text) THEN ((date_trunc('month'::text, (opened_at AT TIME ZONE 'UTC'::text)) + '1 mon'::interval) AT TIME ZONE 'UTC'::text) WHEN (((wanted)::text = '1week'::text) OR (session_closes IS NULL) OR (exchange_timezone IS NULL)) THEN (opened_at + market.interval_duration(wanted)) WHEN ((wanted)::text = '1day'::text) THEN ((((opened_at AT TIME ZONE 'UTC'::text))::date + session_closes) AT TIME ZONE exchange_timezone) ELSE LEAST((opened_at + market.interval_duration(wanted)), ((((opened_at AT TIME ZONE exchange_timezone))::date + session_closes) AT TIME ZONE exchange_timezone)) END;

CREATE OR REPLACE FUNCTION market.candle_end(wanted_session text, wanted_interval market.candle_interval, opened_at timestamp with time zone)
 RETURNS TABLE(ends_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select coalesce(
    case when wanted_interval in ('1day', '1week', '1month') then (
      select max(d.closes_at)
      from market.trading_days d
      where wanted_session = 'us_stocks' and d.session_name = wanted_session
        and d.traded_on >= (opened_at at time zone 'UTC')::date
        and d.traded_on < (planned.ends_at at time zone 'UTC')::date
    ) else (
      select d.closes_at
      from market.trading_days d
      where d.session_name = wanted_session
        -- A forex day opens on the date before its own.
        and d.traded_on between (opened_at at time zone 'UTC')::date
          and (opened_at at time zone 'UTC')::date + 1
        and d.opens_at <= opened_at and d.closes_at > opened_at and d.closes_at < planned.ends_at
        -- Forex days follow each other: only the end of one before a weekend or holiday is a close.
        and not exists (
          select from market.trading_days next
          where next.session_name = d.session_name and next.traded_on = d.traded_on + 1
            and next.opens_at = d.closes_at
        )
    ) end,
    planned.ends_at
  )
  from (
    select case
      when wanted_interval = '1month' then
        (date_trunc('month', opened_at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
      else opened_at + market.interval_duration(wanted_interval)
    end as ends_at
  ) planned
$function$;

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

CREATE OR REPLACE FUNCTION market.change_percent(before numeric, after numeric)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((((100)::numeric * (after - before)) / NULLIF(before, (0)::numeric)))::double precision;

CREATE OR REPLACE FUNCTION market.class_members(wanted_source market.source, wanted_kinds text[], wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(instrument_id integer, symbol text, slug text, kind text, first_on date, last_on date, left_out text)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    m.id, m.symbol, m.slug, m.kind,
    (m.first_at at time zone 'UTC')::date, (m.last_at at time zone 'UTC')::date,
    case
      when m.first_at is null then 'no_candle'
      when m.has_ended then 'ended'
      when wanted_from is not null and m.first_at > interval '168 hours'
        + min(m.first_at) filter (where not m.has_ended) over () then 'late'
    end
  from (
    select
      e.*, e.last_at < max(e.last_at) over () - interval '168 hours' as has_ended
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
    ) e
  ) m
$function$;

CREATE OR REPLACE FUNCTION market.class_performance(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(span text, kind text, instruments bigint, average_change_percent double precision, median_change_percent double precision, best_symbol text, best_change_percent double precision, worst_symbol text, worst_change_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    m.span, m.kind, count(*), avg(m.change_percent),
    percentile_cont(0.5) within group (order by m.change_percent),
    (array_agg(m.symbol order by m.change_percent desc, m.symbol))[1], max(m.change_percent),
    (array_agg(m.symbol order by m.change_percent, m.symbol))[1], min(m.change_percent)
  from market.movers(wanted_source, as_of) m
  where m.change_percent is not null
  group by m.span, m.kind
$function$;

CREATE OR REPLACE FUNCTION market.class_trends(wanted_source market.source, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(kind text, opened_at timestamp with time zone, value double precision, instrument_count integer)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select t.kind, t.opened_at, t.value, t.instrument_count::integer
  from (
    select
      k.kind, l.opened_at, avg(l.value) as value, count(*) as instrument_count,
      -- All of a class have a candle at its start.
      max(count(*)) over (partition by k.kind) as class_count
    from (
      select i.kind, array_agg(i.id) as instrument_ids
      from market.instruments i
      where i.source = wanted_source and i.is_active
      group by i.kind
    ) k
    cross join lateral market.rebased(
      k.instrument_ids, wanted_interval, wanted_from, wanted_to) l
    group by k.kind, l.opened_at
  ) t
  where t.instrument_count = t.class_count
$function$;

CREATE OR REPLACE FUNCTION market.closes_beside(wanted_instrument_id integer, other_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(opened_at timestamp with time zone, close double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 500
AS $function$
  -- The candle before the first wanted one says since when a close counts for that.
  with bounds as materialized (
    select coalesce(
      (
        select max(c.opened_at)
        from market.all_candles c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
          and c.opened_at < wanted_from
      ),
      wanted_from, '-infinity'
    ) as begins_at
  ),
  own as materialized (
    select c.opened_at, known.known_at
    from market.all_candles c
    join market.instruments i on i.id = c.instrument_id
    -- A day, week or month is told by its date, and those of one date belong together, whichever
    -- market closes first; a shorter candle is known when it ends.
    cross join lateral (
      select case when wanted_interval in ('1day', '1week', '1month') then c.opened_at
        else market.candle_closes_at(
          wanted_interval, c.opened_at, i.exchange_timezone, i.session_closes) end as known_at
    ) known
    where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
      and c.opened_at >= (select b.begins_at from bounds b)
      and c.opened_at < coalesce(wanted_to, 'infinity')
  ),
  others as (
    select
      known.known_at,
      -- As in market.rebased().
      (
        case when c.spans_split then (
          select d.close
          from market.candles_adjusted d
          where d.instrument_id = c.instrument_id and d.candle_interval = '1day'
            and d.opened_at >= c.opened_at
            and d.opened_at < market.candle_closes_at(c.candle_interval, c.opened_at, null, null)
          order by d.opened_at desc
          limit 1
        ) else c.close end
      )::double precision as close
    from market.candles_adjusted c
    join market.instruments i on i.id = c.instrument_id
    cross join lateral (
      select case when wanted_interval in ('1day', '1week', '1month') then c.opened_at
        else market.candle_closes_at(
          wanted_interval, c.opened_at, i.exchange_timezone, i.session_closes) end as known_at
    ) known
    where c.instrument_id = other_instrument_id and c.candle_interval = wanted_interval
      -- The first own candle takes what was known since it opened.
      and c.opened_at > (select min(o.opened_at) from own o)
        - market.interval_duration(wanted_interval)
      and c.opened_at < coalesce(wanted_to, 'infinity')
  ),
  told as (
    select o.known_at, o.opened_at, null::double precision as close from own o
    union all
    select o.known_at, null, o.close from others o where o.close is not null
  ),
  -- A close belongs to the first own candle that ends with or after it.
  numbered as (
    select t.*,
      count(t.opened_at) over (
        order by t.known_at, t.opened_at nulls first rows between unbounded preceding and 1 preceding
      ) as candle_number
    from told t
  )
  select
    max(n.opened_at),
    (array_agg(n.close order by n.known_at desc) filter (where n.close is not null))[1]
  from numbered n
  group by n.candle_number
  having max(n.opened_at) >= coalesce(wanted_from, '-infinity')
  order by 1
$function$;

CREATE OR REPLACE FUNCTION market.common_window(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(started_at timestamp with time zone, ended_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with series as materialized (
    select c.instrument_id, c.opened_at, c.close
    from market.all_candles c
    where c.instrument_id = any (wanted_instrument_ids)
      and c.candle_interval = wanted_interval
      and c.opened_at >= coalesce(wanted_from, '-infinity')
      and c.opened_at < coalesce(wanted_to, 'infinity')
      and c.is_final
  )
  select w.started_at, w.ended_at
  from (
    select
      min(common.opened_at) filter (where common.is_priced) as started_at,
      max(common.opened_at) as ended_at
    from (
      select s.opened_at, bool_and(s.close > 0) as is_priced
      from series s
      group by s.opened_at
      having count(*) = (select count(distinct a.instrument_id) from series a)
    ) common
  ) w
  where w.started_at is not null
$function$;

CREATE OR REPLACE FUNCTION market.compared_lines(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_points integer)
 RETURNS TABLE(instrument_id integer, opened_at timestamp with time zone, value double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.correlation_of_sums(observations bigint, sum_of_squares double precision, other_sum_of_squares double precision, sum_of_products double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((observations >= 3) AND (sum_of_squares > ((0.00000000000000000001 * (observations)::numeric))::double precision) AND (other_sum_of_squares > ((0.00000000000000000001 * (observations)::numeric))::double precision)) THEN GREATEST(('-1'::integer)::double precision, LEAST((1)::double precision, (sum_of_products / sqrt((sum_of_squares * other_sum_of_squares))))) ELSE NULL::double precision END;

CREATE OR REPLACE FUNCTION market.correlations(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(instrument_id integer, other_instrument_id integer, correlation double precision, observations integer)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with pairs as materialized (
    select
      r.instrument_id, r.other_instrument_id, count(*) as observations,
      regr_sxx(r.other_return_percent, r.return_percent) as sum_of_squares,
      regr_syy(r.other_return_percent, r.return_percent) as other_sum_of_squares,
      regr_sxy(r.other_return_percent, r.return_percent) as sum_of_products
    from market.aligned_returns(
      wanted_instrument_ids, wanted_instrument_ids, wanted_interval, wanted_from, wanted_to) r
    -- Half of the matrix; the other half mirrors it.
    where r.instrument_id <= r.other_instrument_id
    group by r.instrument_id, r.other_instrument_id
  )
  select
    a.id, b.id,
    market.correlation_of_sums(
      p.observations, p.sum_of_squares, p.other_sum_of_squares, p.sum_of_products),
    coalesce(p.observations, 0)::integer
  from market.instruments a
  join market.instruments b on b.id = any (wanted_instrument_ids)
  left join pairs p
    on p.instrument_id = least(a.id, b.id) and p.other_instrument_id = greatest(a.id, b.id)
  where a.id = any (wanted_instrument_ids)
$function$;

CREATE OR REPLACE FUNCTION market.credits_by_day(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(day_on date, plan_credits integer, run_credits bigint, run_count bigint)
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET jit TO 'off'
AS $function$
  with days as (
    select day::date as day_on
    from generate_series(
      date_trunc('day', wanted_from at time zone 'UTC'),
      wanted_to at time zone 'UTC' - interval '1 microsecond',
      interval '1 day'
    ) day
  ), spent as (
    select (r.started_at at time zone 'UTC')::date as day_on, count(distinct r.id) as run_count,
      coalesce(sum(s.credits), 0)::bigint as credits
    from market.runs r
    left join market.run_steps s on s.run_id = r.id
    where r.source = wanted_source
      and r.started_at >= date_trunc('day', wanted_from at time zone 'UTC') at time zone 'UTC'
      and r.started_at < wanted_to
    group by 1
  )
  select d.day_on, w.credits, coalesce(s.credits, 0), coalesce(s.run_count, 0)
  from days d
  left join spent s on s.day_on = d.day_on
  left join market.credit_windows w
    on w.source = wanted_source and w.kind = 'day'
    and w.started_at = d.day_on::timestamp at time zone 'UTC'
$function$;

CREATE OR REPLACE FUNCTION market.current_turnover(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(kind text, currency text, instruments bigint, turnover_24h numeric)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select o.kind, o.currency, count(*), sum(o.turnover_24h)
  from market.overview(wanted_source, as_of) o
  where o.turnover_24h is not null and o.currency is not null
    and not exists (
      select from market.stale_prices(wanted_source, as_of) s
      where s.instrument_id = o.instrument_id
    )
  group by o.kind, o.currency
$function$;

CREATE OR REPLACE FUNCTION market.daily_closes(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(traded_on date, close numeric, previous_on date, previous_close numeric, return_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    (day.opened_at at time zone 'UTC')::date, day.close,
    (day.previous_at at time zone 'UTC')::date, day.previous_close,
    market.change_percent(day.previous_close, day.close)
  from (
    select
      c.opened_at, c.close,
      lag(c.opened_at) over by_time as previous_at, lag(c.close) over by_time as previous_close
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = '1day' and c.is_final
      and c.opened_at >= coalesce((
        select p.opened_at
        from market.all_candles p
        where p.instrument_id = wanted_instrument_id and p.candle_interval = '1day' and p.is_final
          and p.opened_at < wanted_from
        order by p.opened_at desc
        limit 1
      ), wanted_from, '-infinity')
      and c.opened_at < coalesce(wanted_to, 'infinity')
    window by_time as (order by c.opened_at)
  ) day
  where day.opened_at >= coalesce(wanted_from, '-infinity')
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

CREATE OR REPLACE FUNCTION market.directional_index(plus double precision, minus double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((plus + minus) = (0)::double precision) THEN (0)::double precision ELSE ((100)::double precision * (abs((plus - minus)) / (plus + minus))) END;

CREATE OR REPLACE FUNCTION market.drawdown_path(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, most_points integer DEFAULT 250)
 RETURNS TABLE(traded_on date, depth_percent double precision, first_on date, last_on date, close_count bigint)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with days as materialized (
    select d.traded_on, d.close, d.previous_on, d.previous_close
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
  ), path as (
    select d.traded_on, d.close from days d
    union all
    select f.previous_on, f.previous_close
    from (
      select d.previous_on, d.previous_close from days d order by d.traded_on limit 1
    ) f
    where f.previous_on is not null
  ), depths as (
    select
      p.traded_on,
      -- A price of 0 is not below a highest of 0.
      coalesce(market.change_percent(max(p.close) over so_far, p.close), 0) as depth,
      row_number() over so_far - 1 as number, count(*) over () as total
    from path p
    window so_far as (order by p.traded_on rows unbounded preceding)
  )
  select
    (array_agg(d.traded_on order by d.depth, d.traded_on))[1], min(d.depth),
    min(d.traded_on), max(d.traded_on), count(*)
  from depths d
  group by d.number * least(d.total, greatest(coalesce(most_points, 250), 1)) / d.total
$function$;

CREATE OR REPLACE FUNCTION market.drawdowns(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(peak_on date, peak numeric, trough_on date, trough numeric, recovered_on date, depth_percent double precision, duration_days integer, is_under_way boolean)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with days as materialized (
    select d.traded_on, d.close, d.previous_on, d.previous_close
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
  ), path as (
    select d.traded_on, d.close from days d
    union all
    (
      select d.previous_on, d.previous_close
      from days d
      where d.previous_on is not null
      order by d.traded_on
      limit 1
    )
  ), peaks as (
    select p.traded_on, p.close,
      max(p.close) over (order by p.traded_on rows unbounded preceding) as peak
    from path p
  ), stretches as (
    -- Each begins with a close as high as any before it; the others in it are lower.
    select p.*, count(*) filter (where p.close = p.peak)
      over (order by p.traded_on rows unbounded preceding) as number
    from peaks p
  ), falls as (
    select
      min(s.traded_on) as peak_on, max(s.peak) as peak, min(s.close) as trough,
      (array_agg(s.traded_on order by s.close, s.traded_on))[1] as trough_on,
      lead(min(s.traded_on)) over (order by s.number) as recovered_on,
      max(s.traded_on) as last_on, count(*) as closes
    from stretches s
    group by s.number
  )
  select
    f.peak_on, f.peak, f.trough_on, f.trough, f.recovered_on,
    market.change_percent(f.peak, f.trough),
    coalesce(f.recovered_on, f.last_on) - f.peak_on, f.recovered_on is null
  from falls f
  where f.closes > 1
$function$;

CREATE OR REPLACE FUNCTION market.ema_step(state double precision[], value double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  state[1] := null;
  if (value - value = 0 and n > 0) is not true then return state; end if;
  state[2] := state[2] + 1;
  state[3] := market.next_mean(state[3], value,
    case when state[2] <= n then state[2] else (n + 1.0::double precision) / 2 end);
  if state[2] >= n then state[1] := state[3]; end if;
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.ended_opened_before(wanted market.candle_interval, at timestamp with time zone, exchange_timezone text, session_closes time without time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN CASE WHEN ((wanted)::text = '1month'::text) THEN (date_trunc('month'::text, (at AT TIME ZONE 'UTC'::text)) AT TIME ZONE 'UTC'::text) WHEN (((wanted)::text = '1week'::text) OR (session_closes IS NULL) OR (exchange_timezone IS NULL)) THEN ((at - market.interval_duration(wanted)) + '00:00:00.000001'::interval) WHEN ((wanted)::text = '1day'::text) THEN ((((((at AT TIME ZONE exchange_timezone) - (session_closes)::interval))::date + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) ELSE GREATEST(((at - market.interval_duration(wanted)) + '00:00:00.000001'::interval), ((((((at AT TIME ZONE exchange_timezone) - (session_closes)::interval))::date + 1))::timestamp without time zone AT TIME ZONE exchange_timezone)) END;

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
 RETURNS TABLE(price numeric, priced_at timestamp with time zone, price_age interval, is_forming boolean, change_1h numeric, change_1h_percent double precision, change_24h numeric, change_24h_percent double precision, change_7d numeric, change_7d_percent double precision, change_30d numeric, change_30d_percent double precision, change_ytd numeric, change_ytd_percent double precision, change_1y numeric, change_1y_percent double precision, high_24h numeric, low_24h numeric, volume_24h numeric, turnover_24h numeric, high_52w numeric, low_52w numeric, all_time_high numeric, all_time_high_on date, all_time_low numeric, all_time_low_on date, average_daily_volume_30d numeric, first_candle_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  with latest as materialized (
    select p.*
    from market.price_changes(wanted_instrument_id, as_of) p
  ), day as materialized (
    select
      d.*,
      market.trading_date(d.high_opened_at, i.session_name, i.exchange_timezone) as high_on,
      market.trading_date(d.low_opened_at, i.session_name, i.exchange_timezone) as low_on
    from latest p
    join (
      select i.id, i.exchange_timezone,
        market.session_name(i.kind, i.exchange_timezone) as session_name
      from market.instruments i
    ) i on i.id = wanted_instrument_id
    cross join lateral market.last_24_hours(i.id, p.candle_interval, p.opened_at, p.priced_at) d
  ), daily as materialized (
    select c.opened_at, c.high, c.low, c.volume, c.is_final
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = '1day'
      and c.opened_at <= (
        select newest.opened_at
        from market.instruments i
        cross join lateral (
          select d.opened_at
          from market.all_candles d
          where d.instrument_id = i.id and d.candle_interval = '1day' and d.opened_at <= as_of
            and (d.loaded_at <= as_of or d.opened_at < market.ended_opened_before(
              '1day', as_of, i.exchange_timezone, i.session_closes))
          order by d.opened_at desc
          limit 1
        ) newest
        where i.id = wanted_instrument_id
      )
  ), stored as materialized (
    select (d.opened_at at time zone 'UTC')::date as dated, d.high, d.low
    from daily d
    union all
    select (c.opened_at at time zone 'UTC')::date, c.high, c.low
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval in ('1week', '1month')
      and not c.spans_split
      and market.candle_closes_at(c.candle_interval, c.opened_at, null, null)
        <= coalesce((select min(d.opened_at) from daily d), as_of)
  ), extremes as materialized (
    select s.dated, s.high, s.low from stored s
    union all
    -- A daily candle may have been loaded before the hour that its high is in.
    select extreme.dated, extreme.high, extreme.low
    from day d
    cross join lateral (
      values (d.high_on, d.high, null::numeric), (d.low_on, null, d.low)
    ) extreme (dated, high, low)
    where exists (select from stored)
  )
  select
    p.price, p.priced_at, p.price_age, p.is_forming,
    p.change_1h, p.change_1h_percent, p.change_24h, p.change_24h_percent,
    p.change_7d, p.change_7d_percent, p.change_30d, p.change_30d_percent,
    p.change_ytd, p.change_ytd_percent, p.change_1y, p.change_1y_percent,
    day.high, day.low, day.volume, day.turnover,
    case when year.high is not null then greatest(year.high, day.high) end,
    case when year.low is not null then least(year.low, day.low) end,
    highest.high, highest.dated, lowest.low, lowest.dated,
    month.volume, w.oldest_at
  from (
    select min(w.oldest_at) as oldest_at
    from market.watermarks w
    where w.instrument_id = wanted_instrument_id
  ) w
  left join latest p on true
  left join day on true
  left join lateral (
    select max(d.high) as high, min(d.low) as low
    from daily d
    where d.opened_at > p.priced_at - interval '8736 hours'
  ) year on true
  left join lateral (
    select trim_scale(round(avg(d.volume), 8)) as volume
    from daily d
    where d.is_final and d.opened_at > p.priced_at - interval '720 hours'
  ) month on true
  left join lateral (
    select e.dated, e.high from extremes e order by e.high desc nulls last, e.dated limit 1
  ) highest on true
  left join lateral (
    select e.dated, e.low from extremes e order by e.low, e.dated limit 1
  ) lowest on true;
end
$function$;

CREATE OR REPLACE FUNCTION market.find_completeness(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_symbols text[] DEFAULT NULL::text[], wanted_intervals text[] DEFAULT NULL::text[])
 RETURNS TABLE(source market.source, instrument_id integer, symbol text, candle_interval market.candle_interval, month_on date, calendar text, expected_candles bigint, have_candles bigint, missing_candles bigint, percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with series as materialized (
    select
      i.source, i.id as instrument_id, i.symbol, i.exchange_timezone, w.candle_interval,
      session.name as session_name,
      -- From which month on the calendar is known.
      case
        when session.name = 'round_the_clock' then timestamptz '-infinity'
        -- As in find_missing_candles(): not counted from any hour that is known.
        when session.name = 'forex' and w.candle_interval in ('2h', '4h', '8h') then null
        else (
          select date_trunc('month', min(d.traded_on)::timestamp) at time zone 'UTC'
          from market.trading_days d where d.session_name = session.name
        )
      end as known_from,
      -- A bound that is null bounds nothing: neither function heeds it.
      greatest(w.oldest_at, wanted_from) as begins_at,
      least(w.newest_final_at + interval '1 microsecond', wanted_to) as ends_at,
      market.month_of_candle(
        w.candle_interval, w.oldest_at, session.name, i.exchange_timezone
      )::timestamp as oldest_month_on,
      market.month_of_candle(
        w.candle_interval, w.newest_final_at, session.name, i.exchange_timezone
      )::timestamp as newest_month_on
    from market.instruments i
    join market.watermarks w on w.instrument_id = i.id
    cross join lateral (
      select market.session_name(i.kind, i.exchange_timezone) as name
    ) session
    where i.is_active
      and (wanted_source is null or i.source = wanted_source)
      and (wanted_symbols is null or i.symbol = any(wanted_symbols))
      and (wanted_intervals is null or w.candle_interval = any(wanted_intervals))
      and w.newest_final_at is not null
      and (wanted_to is null or w.oldest_at < wanted_to)
      and (wanted_from is null or w.newest_final_at >= wanted_from)
  ), noted as (
    -- One row per candle that is there or missing, and one per month, so that none is left out.
    select
      s.instrument_id, s.candle_interval, 1 as have, 0 as missing,
      market.month_of_candle(
        s.candle_interval, held.opened_at, s.session_name, s.exchange_timezone
      ) as month_on
    from series s
    cross join lateral (
      (
        select e.opened_at
        from market.expected_candles(
          s.session_name, s.candle_interval, greatest(s.begins_at, s.known_from), s.ends_at
        ) e
        where s.known_from is not null
        intersect
        select c.opened_at from market.candles c
        where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
          and c.opened_at >= greatest(s.begins_at, s.known_from) and c.opened_at < s.ends_at
          and c.is_final and s.known_from is not null
      )
      union all
      select c.opened_at from market.candles c
      where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
        and c.opened_at >= s.begins_at and c.opened_at < least(s.ends_at, s.known_from)
        and c.is_final
    ) held
    union all
    select
      s.instrument_id, s.candle_interval, 0, 1,
      market.month_of_candle(
        s.candle_interval, m.opened_at, s.session_name, s.exchange_timezone
      )
    from market.find_missing_candles(
      wanted_source, wanted_from, wanted_to, wanted_symbols, wanted_intervals
    ) m
    join series s on s.instrument_id = m.instrument_id and s.candle_interval = m.candle_interval
    union all
    select s.instrument_id, s.candle_interval, 0, 0, month.starts_on::date
    from series s
    cross join lateral generate_series(
      greatest(s.oldest_month_on, date_trunc('month', wanted_from at time zone 'UTC')),
      least(
        s.newest_month_on,
        date_trunc('month', wanted_to at time zone 'UTC' - interval '1 microsecond')
      ),
      interval '1 month'
    ) month (starts_on)
  ), counted as (
    select
      n.instrument_id, n.candle_interval, n.month_on,
      sum(n.have) as have, sum(n.missing) as missing
    from noted n
    group by n.instrument_id, n.candle_interval, n.month_on
  )
  select
    s.source, s.instrument_id, s.symbol, s.candle_interval, c.month_on,
    case when is_known.so then s.session_name end,
    case when is_known.so then c.have + c.missing end,
    c.have, c.missing,
    case when is_known.so then
      (100 * c.have / nullif(c.have + c.missing, 0)::numeric)::double precision
    end
  from counted c
  join series s on s.instrument_id = c.instrument_id and s.candle_interval = c.candle_interval
  cross join lateral (
    select c.month_on::timestamp at time zone 'UTC' >= s.known_from as so
  ) is_known
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

CREATE OR REPLACE FUNCTION market.freshness_at(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(source market.source, instrument_id integer, symbol text, candle_interval market.candle_interval, newest_final_at timestamp with time zone, newest_closed_at timestamp with time zone, next_expected_at timestamp with time zone, due_at timestamp with time zone, age_seconds double precision, state text)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  -- Step by step: a value that is told once is looked up once.
  with series as materialized (
    select
      i.source, i.id as instrument_id, i.symbol, w.candle_interval, w.newest_final_at,
      market.session_name(i.kind, i.exchange_timezone) as session_name
    from market.instruments i
    join market.watermarks w on w.instrument_id = i.id
    where i.is_active and (wanted_source is null or i.source = wanted_source)
  ), ends as materialized (
    select s.*, newest.ends_at as newest_closed_at, next.opened_at as next_expected_at
    from series s
    cross join lateral market.candle_end(s.session_name, s.candle_interval, s.newest_final_at) newest
    cross join lateral market.candle_after(s.session_name, s.candle_interval, s.newest_final_at) next
  ), due as materialized (
    -- A run an hour, with time for its end: a candle that ended later may not have been asked for.
    select e.*, next.ends_at + interval '90 minutes' as due_at
    from ends e
    cross join lateral market.candle_end(e.session_name, e.candle_interval, e.next_expected_at) next
  ), open_sessions as materialized (
    select 'round_the_clock' as name
    union all
    select d.session_name
    from market.trading_days d
    where d.session_name in ('us_stocks', 'forex')
      and d.traded_on between (as_of at time zone 'UTC')::date
        and (as_of at time zone 'UTC')::date + 1
      and d.opens_at <= as_of and d.closes_at > as_of
  )
  select
    d.source, d.instrument_id, d.symbol, d.candle_interval,
    d.newest_final_at, d.newest_closed_at, d.next_expected_at, d.due_at,
    extract(epoch from as_of - d.newest_closed_at)::double precision,
    case
      when d.newest_final_at is null then 'empty'
      when d.due_at is null then 'unknown'
      when d.due_at < as_of then 'stale'
      when d.session_name in (select o.name from open_sessions o) then 'fresh'
      else 'market_closed'
    end
  from due d
$function$;

CREATE OR REPLACE FUNCTION market.indicator_result(state double precision[])
 RETURNS double precision
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  return state[1];
end
$function$;

CREATE OR REPLACE FUNCTION market.indicators(wanted_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(opened_at timestamp with time zone, open numeric, high numeric, low numeric, close numeric, volume numeric, sma_20 double precision, sma_50 double precision, sma_200 double precision, ema_12 double precision, ema_20 double precision, ema_26 double precision, wma_20 double precision, macd double precision, macd_signal double precision, macd_histogram double precision, rsi_14 double precision, bollinger_middle double precision, bollinger_upper double precision, bollinger_lower double precision, atr_14 double precision, stochastic_k double precision, stochastic_d double precision, obv double precision, vwap double precision, roc_20 double precision, donchian_upper double precision, donchian_lower double precision, adx_14 double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 500
AS $function$
  -- The planner drops columns that are not selected, and what is below runs only when one is.
  with candles as materialized (
    select *
    from market.warmed_up_candles(wanted_instrument_id, wanted_interval, wanted_from, wanted_to)
  ),
  first_wanted as materialized (
    select min(c.candle_number) as candle_number from candles c where c.is_wanted
  ),
  closes as materialized (
    select array_agg(c.close::double precision order by c.candle_number) as series from candles c
  ),
  ema_12 as materialized (select market.mean_series(c.series, 12, 6.5) as series from closes c),
  ema_26 as materialized (select market.mean_series(c.series, 26, 13.5) as series from closes c),
  macd_signal as materialized (
    select market.mean_series(array_agg(e.fast - e.slow order by e.place), 9, 5) as series
    from unnest((select f.series[15:] from ema_12 f), (select s.series from ema_26 s))
      with ordinality e (fast, slow, place)
  ),
  true_ranges as materialized (
    select array_agg(r.true_range::double precision order by r.candle_number) as series
    from (
      select
        c.candle_number,
        greatest(c.high, lag(c.close) over in_time) - least(c.low, lag(c.close) over in_time)
          as true_range
      from candles c
      window in_time as (order by c.candle_number)
    ) r
    where r.candle_number > 1
  ),
  -- Sums of numeric are exact, and move along with their window. Each step reads no more candles before
  -- the first wanted one than its longest window needs.
  windowed_long as (
    select
      c.*,
      case when c.candle_number >= 50
        then (sum(c.close) over last_50)::double precision / 50 end as sma_50,
      case when c.candle_number >= 200
        then (sum(c.close) over last_200)::double precision / 200 end as sma_200
    from candles c
    where c.candle_number > (select f.candle_number from first_wanted f) - 200
    window
      last_50 as (order by c.candle_number rows 49 preceding),
      last_200 as (order by c.candle_number rows 199 preceding)
  ),
  windowed as (
    select
      c.*,
      case when c.candle_number >= 20
        then (sum(c.close) over last_20)::double precision / 20 end as sma_20,
      -- The candle of number i weighs i - (newest - 20).
      case when c.candle_number >= 20 then (
        sum(c.close * c.candle_number) over last_20
          - (c.candle_number - 20) * sum(c.close) over last_20
      )::double precision / 210 end as wma_20,
      sqrt((
        20 * sum(c.close * c.close) over last_20
          - (sum(c.close) over last_20) * (sum(c.close) over last_20)
      )::double precision) / 20 as deviation_20,
      case when c.candle_number >= 14 then 100 * (
        (c.close - min(c.low) over last_14)::double precision
          / nullif((max(c.high) over last_14) - (min(c.low) over last_14), 0)::double precision
      ) end as raw_stochastic,
      c.volume * case
        when c.candle_number = (select f.candle_number from first_wanted f) then 0
        when c.is_wanted then sign(c.close - lag(c.close) over in_time)
      end as signed_volume,
      100 * (
        (c.close - lag(c.close, 20) over in_time)::double precision
          / nullif(lag(c.close, 20) over in_time, 0)::double precision
      ) as roc_20,
      case when c.candle_number >= 20
        then (max(c.high) over last_20)::double precision end as donchian_upper,
      case when c.candle_number >= 20
        then (min(c.low) over last_20)::double precision end as donchian_lower
    from windowed_long c
    where c.candle_number > (select f.candle_number from first_wanted f) - 21
    window
      in_time as (order by c.candle_number),
      last_14 as (in_time rows 13 preceding),
      last_20 as (in_time rows 19 preceding)
  ),
  smoothed_once as (
    select
      w.*,
      case when count(w.raw_stochastic) over last_3 = 3
        then avg(w.raw_stochastic) over last_3 end as stochastic_k,
      case when count(w.signed_volume) over so_far = count(*) filter (where w.is_wanted) over so_far
        then (sum(w.signed_volume) over so_far)::double precision end as obv
    from windowed w
    window
      so_far as (order by w.candle_number rows unbounded preceding),
      last_3 as (order by w.candle_number rows 2 preceding)
  ),
  smoothed_twice as (
    select
      o.*,
      case when count(o.stochastic_k) over last_3 = 3
        then avg(o.stochastic_k) over last_3 end as stochastic_d
    from smoothed_once o
    window last_3 as (order by o.candle_number rows 2 preceding)
  ),
  complete as (
    select
      t.*,
      (select e.series from ema_12 e)[t.candle_number - 11] as ema_12,
      (select e.series from ema_26 e)[t.candle_number - 25] as ema_26,
      (select s.series from macd_signal s)[t.candle_number - 33] as macd_signal
    from smoothed_twice t
    where t.is_wanted
  )
  select
    c.opened_at, c.open, c.high, c.low, c.close, c.volume,
    c.sma_20, c.sma_50, c.sma_200,
    c.ema_12,
    (select market.mean_series(s.series, 20, 10.5) from closes s)[c.candle_number - 19],
    c.ema_26,
    c.wma_20,
    c.ema_12 - c.ema_26, c.macd_signal, c.ema_12 - c.ema_26 - c.macd_signal,
    nullif((select market.rsi_series(s.series, 14) from closes s)[c.candle_number - 14], 'NaN'),
    c.sma_20, c.sma_20 + 2 * c.deviation_20, c.sma_20 - 2 * c.deviation_20,
    (select market.mean_series(r.series, 14, 14) from true_ranges r)[c.candle_number - 14],
    c.stochastic_k, c.stochastic_d, c.obv,
    nullif((
      select market.vwap_series(wanted_instrument_id, wanted_interval, wanted_from, wanted_to)
    )[c.candle_number - (select f.candle_number from first_wanted f) + 1], 'NaN'),
    c.roc_20, c.donchian_upper, c.donchian_lower,
    (
      select market.adx_series(
        array_agg(s.high::double precision order by s.candle_number),
        array_agg(s.low::double precision order by s.candle_number), 14)
      from candles s
    )[c.candle_number - 27]
  from complete c
  order by c.candle_number
$function$;

CREATE OR REPLACE FUNCTION market.interval_duration(wanted market.candle_interval)
 RETURNS interval
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE wanted WHEN '1min'::text THEN '00:01:00'::interval WHEN '5min'::text THEN '00:05:00'::interval WHEN '15min'::text THEN '00:15:00'::interval WHEN '30min'::text THEN '00:30:00'::interval WHEN '45min'::text THEN '00:45:00'::interval WHEN '1h'::text THEN '01:00:00'::interval WHEN '2h'::text THEN '02:00:00'::interval WHEN '4h'::text THEN '04:00:00'::interval WHEN '8h'::text THEN '08:00:00'::interval WHEN '1day'::text THEN '24:00:00'::interval WHEN '1week'::text THEN '168:00:00'::interval WHEN '1month'::text THEN '744:00:00'::interval ELSE NULL::interval END;

CREATE OR REPLACE FUNCTION market.is_shown_point(place bigint, places bigint, wanted_points integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((wanted_points IS NULL) OR COALESCE(((place = 1) OR ((((place - 2) * (GREATEST(wanted_points, 2) - 1)) / NULLIF((places - 1), 0)) <> (((place - 1) * (GREATEST(wanted_points, 2) - 1)) / NULLIF((places - 1), 0)))), true));

CREATE OR REPLACE FUNCTION market.known_price(wanted_instrument_id integer, wanted_intervals market.candle_interval[], exchange_timezone text, session_closes time without time zone, has_splits boolean, at timestamp with time zone)
 RETURNS TABLE(price numeric, priced_at timestamp with time zone, is_forming boolean, candle_interval market.candle_interval, opened_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    coalesce(adjusted.price, known.close),
    least(
      market.candle_closes_at(
        known.candle_interval, known.opened_at, exchange_timezone, session_closes),
      known.loaded_at
    ),
    not known.is_final, known.candle_interval, known.opened_at
  from (
    -- The second is asked only when the first has no row: an append reads its branches in turn, and
    -- stops. A rank to order them by would make a sort or a merge of it, which always reads both.
    (
      -- Where the shortest interval reaches the instant the search ends: longer candles open earlier.
      select wanted_intervals[1] as candle_interval, c.opened_at, c.close, c.is_final, c.loaded_at
      from market.newest_known_candle(
        wanted_instrument_id, wanted_intervals[1],
        at - 2 * market.interval_duration(wanted_intervals[1]),
        at, exchange_timezone, session_closes) c
    )
    union all
    (
      select series.candle_interval, c.opened_at, c.close, c.is_final, c.loaded_at
      from (select unnest(wanted_intervals) as candle_interval) series
      cross join lateral market.newest_known_candle(
        wanted_instrument_id, series.candle_interval, '-infinity',
        at, exchange_timezone, session_closes) c
      -- Where the market has a daily close a day is as new as that, on half days by the calendar, and
      -- no older than an hour of its date; an hour that ends with the session is shorter. Weeks and
      -- months end after their last session, and count as they open.
      order by
        case
          when not c.is_final or session_closes is null
            or series.candle_interval in ('1week', '1month') then c.opened_at
          else least(
            market.candle_closes_at(
              series.candle_interval, c.opened_at, exchange_timezone, session_closes),
            case series.candle_interval when '1day' then (
              select t.closes_at
              from market.trading_days t
              where t.session_name = market.session_name('stock', exchange_timezone)
                and t.traded_on = (c.opened_at at time zone 'UTC')::date
            ) end
          )
        end desc,
        market.interval_duration(series.candle_interval)
      limit 1
    )
    limit 1
  ) known
  left join lateral (
    select market.scaled(known.close, l.numerator, l.denominator) as price
    from market.price_levels l
    where has_splits and l.instrument_id = wanted_instrument_id
      and known.opened_at < case when known.candle_interval in ('1day', '1week', '1month')
        then l.ends_on::timestamp at time zone 'UTC' else l.ends_at end
      and known.opened_at >= coalesce(
        case when known.candle_interval in ('1day', '1week', '1month')
          then l.starts_on::timestamp at time zone 'UTC' else l.starts_at end, '-infinity')
  ) adjusted on true
$function$;

CREATE OR REPLACE FUNCTION market.last_24_hours(wanted_instrument_id integer, finest market.candle_interval, newest_opened_at timestamp with time zone, priced_at timestamp with time zone)
 RETURNS TABLE(high numeric, low numeric, volume numeric, turnover numeric, high_opened_at timestamp with time zone, low_opened_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    greatest(hours.high, edges.high), least(hours.low, edges.low),
    case when hours.unreported + edges.unreported = 0
      then coalesce(hours.volume + edges.volume, hours.volume, edges.volume) end,
    case when hours.unreported + edges.unreported = 0 then
      trim_scale(round(coalesce(hours.turnover + edges.turnover, hours.turnover, edges.turnover) / 3, 8))
    end,
    case when hours.high > edges.high or edges.high is null then hours.high_at
      when edges.high > hours.high or hours.high is null then edges.high_at
      else least(hours.high_at, edges.high_at) end,
    case when hours.low < edges.low or edges.low is null then hours.low_at
      when edges.low < hours.low or hours.low is null then edges.low_at
      else least(hours.low_at, edges.low_at) end
  from (
    select
      max(c.high) as high, min(c.low) as low, sum(c.volume) as volume,
      sum(c.volume * (c.high + c.low + c.close)) as turnover,
      count(*) - count(c.volume) as unreported,
      (array_agg(c.opened_at order by c.high desc, c.opened_at))[1] as high_at,
      (array_agg(c.opened_at order by c.low, c.opened_at))[1] as low_at,
      min(c.opened_at) as first_at, max(c.opened_at) as last_at
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = '1h' and c.is_final
      and c.opened_at >= priced_at - interval '24 hours'
      and c.opened_at <= priced_at - interval '1 hour'
  ) hours
  -- Whole hours, and shorter candles only where there are none: before the first and after the last.
  cross join lateral (
    select
      max(c.high) as high, min(c.low) as low, sum(c.volume) as volume,
      sum(c.volume * (c.high + c.low + c.close)) as turnover,
      count(*) - count(c.volume) as unreported,
      (array_agg(c.opened_at order by c.high desc, c.opened_at))[1] as high_at,
      (array_agg(c.opened_at order by c.low, c.opened_at))[1] as low_at
    from (
      select c.opened_at, c.high, c.low, c.close, c.volume
      from market.candles_adjusted c
      where c.instrument_id = wanted_instrument_id and c.candle_interval = finest
        and c.opened_at >= priced_at - interval '24 hours' and c.opened_at < hours.first_at
      union all
      select c.opened_at, c.high, c.low, c.close, c.volume
      from market.candles_adjusted c
      where c.instrument_id = wanted_instrument_id and c.candle_interval = finest
        and c.opened_at >= coalesce(
          hours.last_at + interval '1 hour', priced_at - interval '24 hours')
        and c.opened_at <= newest_opened_at
    ) c
  ) edges
  where market.interval_duration(finest) <= interval '1 hour'
$function$;

CREATE OR REPLACE FUNCTION market.lock_candles(wanted_instrument_id integer)
 RETURNS void
 LANGUAGE sql
AS $function$
  select pg_advisory_xact_lock(wanted_instrument_id, hashtext('market.candles'))
$function$;

CREATE OR REPLACE FUNCTION market.mean_series(wanted_values double precision[], n integer, weight double precision)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  means double precision[] := wanted_values;
begin
  if cardinality(means) < n then return '{}'; end if;
  for i in 2 .. n loop
    means[i] := market.next_mean(means[i - 1], means[i], i);
  end loop;
  for i in n + 1 .. cardinality(means) loop
    means[i] := market.next_mean(means[i - 1], means[i], weight);
  end loop;
  return means[n:];
end
$function$;

CREATE OR REPLACE FUNCTION market.month_of_candle(wanted_interval market.candle_interval, opened_at timestamp with time zone, session_name text, exchange_timezone text)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (date_trunc('month'::text, CASE WHEN ((wanted_interval)::text = ANY (ARRAY['1day'::text, '1week'::text, '1month'::text])) THEN (opened_at AT TIME ZONE 'UTC'::text) ELSE (market.trading_date(opened_at, session_name, exchange_timezone))::timestamp without time zone END))::date;

CREATE OR REPLACE FUNCTION market.monthly_returns(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(month date, return_percent double precision, first_on date, last_on date, return_count bigint)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select m.month, case when m.first_on < m.last_on then market.change_percent(m.first, m.last) end,
    m.first_on, m.last_on, m.return_count
  from (
    select
      date_trunc('month', d.traded_on::timestamp)::date as month,
      min(coalesce(d.previous_on, d.traded_on)) as first_on, max(d.traded_on) as last_on,
      (array_agg(coalesce(d.previous_close, d.close) order by d.traded_on))[1] as first,
      (array_agg(d.close order by d.traded_on desc))[1] as last,
      count(d.return_percent) as return_count
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
    group by date_trunc('month', d.traded_on::timestamp)
  ) m
$function$;

CREATE OR REPLACE FUNCTION market.movers(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(span text, instrument_id integer, symbol text, slug text, name text, kind text, currency text, price numeric, priced_at timestamp with time zone, price_age interval, change_percent double precision, gainer_rank bigint, loser_rank bigint)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.moving_average_points(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, points integer)
 RETURNS TABLE(traded_on date, close numeric, average_7_days double precision, average_30_days double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select n.traded_on, n.close, n.average_7_days, n.average_30_days
  from (
    select
      a.traded_on, a.close, a.average_7_days, a.average_30_days,
      row_number() over (order by a.traded_on) as place, count(*) over () as places
    from market.moving_averages_of_days(wanted_instrument_id, wanted_from, wanted_to) a
  ) n
  where market.is_shown_point(n.place, n.places, points)
$function$;

CREATE OR REPLACE FUNCTION market.moving_averages_of_days(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(traded_on date, close numeric, average_7_days double precision, average_30_days double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    (d.opened_at at time zone 'UTC')::date, d.close,
    case when h.begins_at <= d.opened_at - interval '144 hours' then d.average_7_days end,
    case when h.begins_at <= d.opened_at - interval '696 hours' then d.average_30_days end
  from (
    select
      c.opened_at, c.close,
      -- Hours, as a day of an interval is one of the connection's time zone.
      (avg(c.close) over (order by c.opened_at
        range between interval '144 hours' preceding and current row))::double precision
        as average_7_days,
      (avg(c.close) over (order by c.opened_at
        range between interval '696 hours' preceding and current row))::double precision
        as average_30_days
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id
      and c.candle_interval = '1day'
      and c.opened_at >= coalesce(wanted_from, '-infinity') - interval '696 hours'
      and c.opened_at < coalesce(wanted_to, 'infinity')
      and c.is_final
  ) d
  cross join (
    select min(c.opened_at) as begins_at
    from market.all_candles c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = '1day'
  ) h
  where d.opened_at >= coalesce(wanted_from, '-infinity')
$function$;

CREATE OR REPLACE FUNCTION market.newest_known_candle(wanted_instrument_id integer, wanted_interval market.candle_interval, opened_after timestamp with time zone, at timestamp with time zone, exchange_timezone text, session_closes time without time zone)
 RETURNS TABLE(opened_at timestamp with time zone, close numeric, is_final boolean, loaded_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select newest.opened_at, newest.close, newest.is_final, newest.loaded_at
  from (
    select market.ended_opened_before(
      wanted_interval, at, exchange_timezone, session_closes) as opened_before
    -- Once, and not for each candle.
    offset 0
  ) ended
  cross join lateral (
    select c.opened_at, c.close, c.is_final, c.loaded_at
    from market.candles c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
      and c.opened_at > opened_after and c.opened_at <= at
      and (c.opened_at < ended.opened_before or c.loaded_at <= at)
    order by c.opened_at desc
    limit 1
  ) newest
$function$;

CREATE OR REPLACE FUNCTION market.next_mean(mean double precision, value double precision, weight double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (abs(mean) < (0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001)::double precision) THEN (value / weight) ELSE (mean + ((value - mean) / weight)) END;

CREATE OR REPLACE FUNCTION market.obv_step(state double precision[], close double precision, volume double precision)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  state[1] := null;
  if (close - close = 0) is not true then return state; end if;
  state[3] := state[3] + coalesce(sign(close - state[2]), 0)
    * case when volume - volume = 0 then volume end;
  state[2] := close;
  state[1] := state[3];
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.overview(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(instrument_id integer, symbol text, slug text, name text, kind text, currency text, price numeric, priced_at timestamp with time zone, price_age interval, is_forming boolean, change_1h_percent double precision, change_24h_percent double precision, change_7d_percent double precision, change_30d_percent double precision, change_ytd_percent double precision, change_1y_percent double precision, volume_24h numeric, turnover_24h numeric, sparkline double precision[])
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.performance(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, risk_free_percent double precision DEFAULT 0)
 RETURNS TABLE(first_on date, last_on date, return_count bigint, compounded_return_percent double precision, volatility_percent double precision, sharpe_ratio double precision, deepest_drawdown_percent double precision, deepest_drawdown_peak_on date, deepest_drawdown_trough_on date, longest_drawdown_days integer, longest_drawdown_peak_on date, longest_drawdown_recovered_on date, longest_drawdown_is_under_way boolean, best_day_percent double precision, best_day_on date, worst_day_percent double precision, worst_day_on date)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with days as materialized (
    select d.*
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
  ), falls as materialized (
    select f.*
    from market.drawdowns(wanted_instrument_id, wanted_from, wanted_to) f
  ), spread as (
    select
      min(coalesce(d.previous_on, d.traded_on)) as first_on, max(d.traded_on) as last_on,
      count(d.return_percent) as return_count, avg(d.return_percent) as average,
      -- What rounding leaves of equal returns, as in market.correlation_of_sums().
      case when stddev_samp(d.return_percent) <= 1e-10 then 0
        else stddev_samp(d.return_percent) end as deviation
    from days d
  )
  select
    s.first_on, s.last_on, s.return_count,
    case when s.first_on < s.last_on then market.change_percent(first.close, last.close) end,
    s.deviation * sqrt(year.periods),
    (s.average * year.periods - risk_free_percent) / nullif(s.deviation * sqrt(year.periods), 0),
    deepest.depth_percent, deepest.peak_on, deepest.trough_on,
    longest.duration_days, longest.peak_on, longest.recovered_on, longest.is_under_way,
    best.return_percent, best.traded_on, worst.return_percent, worst.traded_on
  from spread s
  left join lateral (
    select market.periods_per_year(i.kind) as periods
    from market.instruments i
    where i.id = wanted_instrument_id
  ) year on true
  left join lateral (
    select coalesce(d.previous_close, d.close) as close from days d order by d.traded_on limit 1
  ) first on true
  left join lateral (
    select d.close from days d order by d.traded_on desc limit 1
  ) last on true
  left join lateral (
    select f.* from falls f order by f.depth_percent, f.peak_on limit 1
  ) deepest on true
  left join lateral (
    select f.* from falls f order by f.duration_days desc, f.peak_on limit 1
  ) longest on true
  left join lateral (
    select d.return_percent, d.traded_on from days d
    where d.return_percent is not null
    order by d.return_percent desc, d.traded_on
    limit 1
  ) best on true
  left join lateral (
    select d.return_percent, d.traded_on from days d
    where d.return_percent is not null
    order by d.return_percent, d.traded_on
    limit 1
  ) worst on true
$function$;

CREATE OR REPLACE FUNCTION market.performance_ranking(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(instrument_id integer, place integer, return_percent double precision, started_at timestamp with time zone, ended_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with lines as materialized (
    select l.instrument_id, l.opened_at, l.value
    from market.rebased(wanted_instrument_ids, wanted_interval, wanted_from, wanted_to) l
  ),
  shared as (
    select min(common.opened_at) as started_at, max(common.opened_at) as ended_at
    from (
      select l.opened_at
      from lines l
      group by l.opened_at
      having count(*) = (select count(distinct a.instrument_id) from lines a)
    ) common
  )
  select
    l.instrument_id, (rank() over (order by l.value desc))::integer, l.value - 100,
    s.started_at, s.ended_at
  from shared s
  join lines l on l.opened_at = s.ended_at
$function$;

CREATE OR REPLACE FUNCTION market.periods_per_year(kind text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE kind WHEN 'crypto'::text THEN 365 WHEN 'forex'::text THEN 260 WHEN 'commodity'::text THEN 260 ELSE 252 END;

CREATE OR REPLACE FUNCTION market.price_at(wanted_instrument_id integer, at timestamp with time zone)
 RETURNS TABLE(price numeric, priced_at timestamp with time zone, is_forming boolean)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select p.price, p.priced_at, p.is_forming
  from market.instruments i
  join market.fetched_intervals f on f.instrument_id = i.id
  cross join lateral market.known_price(
    i.id, f.intervals, i.exchange_timezone, i.session_closes, true, at) p
  where i.id = wanted_instrument_id
$function$;

CREATE OR REPLACE FUNCTION market.price_changes(wanted_instrument_id integer, as_of timestamp with time zone)
 RETURNS TABLE(price numeric, priced_at timestamp with time zone, price_age interval, is_forming boolean, candle_interval market.candle_interval, opened_at timestamp with time zone, change_1h numeric, change_1h_percent double precision, change_24h numeric, change_24h_percent double precision, change_7d numeric, change_7d_percent double precision, change_30d numeric, change_30d_percent double precision, change_ytd numeric, change_ytd_percent double precision, change_1y numeric, change_1y_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    latest.price, latest.priced_at, as_of - latest.priced_at, latest.is_forming,
    latest.candle_interval, latest.opened_at,
    latest.price - before.prices[1], market.change_percent(before.prices[1], latest.price),
    latest.price - before.prices[2], market.change_percent(before.prices[2], latest.price),
    latest.price - before.prices[3], market.change_percent(before.prices[3], latest.price),
    latest.price - before.prices[4], market.change_percent(before.prices[4], latest.price),
    latest.price - before.prices[5], market.change_percent(before.prices[5], latest.price),
    latest.price - before.prices[6], market.change_percent(before.prices[6], latest.price)
  from (
    select
      i.id, i.exchange_timezone, i.session_closes, f.intervals,
      case i.kind when 'crypto' then 'UTC' else coalesce(i.exchange_timezone, 'UTC') end as zone,
      exists (select from market.splits s where s.instrument_id = i.id) as has_splits
    from market.instruments i
    join market.fetched_intervals f on f.instrument_id = i.id
    where i.id = wanted_instrument_id
    -- Each of these is computed once.
    offset 0
  ) i
  cross join lateral market.known_price(
    i.id, i.intervals, i.exchange_timezone, i.session_closes, i.has_splits, as_of) latest
  cross join lateral (
    select array(
      -- A longer candle tells of more than the span.
      select case when market.interval_duration(p.candle_interval) <= span.longest then p.price end
      from (
        values
          (1, latest.priced_at - interval '1 hour', interval '1 hour'),
          (2, latest.priced_at - interval '24 hours', interval '24 hours'),
          -- The same time of the day, also where the clock has changed since.
          (3, ((latest.priced_at at time zone i.zone) - interval '7 days') at time zone i.zone,
            interval '168 hours'),
          (4, ((latest.priced_at at time zone i.zone) - interval '30 days') at time zone i.zone,
            interval '744 hours'),
          -- The later of the two midnights: by then the candles of the old year have ended at the
          -- exchange and on the calendar, and nothing has traded in the new one.
          (5, greatest(
            date_trunc('year', latest.priced_at at time zone i.zone) at time zone i.zone,
            date_trunc('year', latest.priced_at at time zone i.zone) at time zone 'UTC'
          ), interval '744 hours'),
          (6, ((latest.priced_at at time zone i.zone) - interval '1 year') at time zone i.zone,
            interval '744 hours')
      ) span (number, at, longest)
      left join lateral market.known_price(
        i.id, i.intervals, i.exchange_timezone, i.session_closes, i.has_splits, span.at) p on true
      order by span.number
    ) as prices
    offset 0
  ) before
$function$;

CREATE OR REPLACE FUNCTION market.rebased(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(instrument_id integer, opened_at timestamp with time zone, value double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with series as materialized (
    select l.instrument_id, l.opened_at, l.close
    from (
      select
        c.instrument_id, c.opened_at,
        -- A week or month with a split inside is scaled as its first date: its close is the last day's.
        (
          case when c.spans_split then (
            select d.close
            from market.candles_adjusted d
            where d.instrument_id = c.instrument_id and d.candle_interval = '1day'
              and d.opened_at >= c.opened_at
              and d.opened_at < market.candle_closes_at(c.candle_interval, c.opened_at, null, null)
            order by d.opened_at desc
            limit 1
          ) else c.close end
        )::double precision as close
      from market.candles_adjusted c
      where c.instrument_id = any (wanted_instrument_ids)
        and c.candle_interval = wanted_interval
        and c.opened_at >= coalesce(wanted_from, '-infinity')
        and c.opened_at < coalesce(wanted_to, 'infinity')
    ) l
    where l.close is not null
  )
  select
    s.instrument_id, s.opened_at,
    -- Every series has a candle at the common start, so that the first is the one to divide by.
    100 * s.close / first_value(s.close) over (partition by s.instrument_id order by s.opened_at)
  from series s
  where s.opened_at >= (
    select min(common.opened_at)
    from (
      select c.opened_at
      from series c
      where c.close > 0
      group by c.opened_at
      having count(*) = (select count(distinct a.instrument_id) from series a)
    ) common
  )
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

CREATE OR REPLACE FUNCTION market.return_distribution(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, most_buckets integer DEFAULT 30)
 RETURNS TABLE(lower_percent double precision, upper_percent double precision, return_count bigint, share_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  with returns as materialized (
    -- Decimals, so that 0.15 lies on an edge of buckets of 0.05; a float keeps 15 digits.
    select d.return_percent::numeric as percent
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
    where d.return_percent is not null
  ), ends as (
    select min(r.percent) as lowest, max(r.percent) as highest, count(*) as total from returns r
  ), buckets as materialized (
    select
      w.width, floor(e.lowest / w.width) as first_number, floor(e.highest / w.width) as last_number,
      e.total
    from ends e
    cross join lateral (
      -- Prices have 20 digits before the point and 15 behind it: no return is beyond 1e37 per cent.
      select step * power(10::numeric, exponent) as width
      from generate_series(-2, 37) exponent, unnest(array[1, 2, 5]) step
    ) w
    where floor(e.highest / w.width) - floor(e.lowest / w.width)
      < greatest(coalesce(most_buckets, 30), 2)
    order by w.width
    limit 1
  )
  select
    (bucket.number * b.width)::double precision, ((bucket.number + 1) * b.width)::double precision,
    count(r.percent), 100.0::double precision * count(r.percent) / b.total
  from buckets b
  cross join lateral generate_series(b.first_number, b.last_number) bucket (number)
  left join returns r on floor(r.percent / b.width) = bucket.number
  group by bucket.number, b.width, b.total
$function$;

CREATE OR REPLACE FUNCTION market.risk_and_return(wanted_instrument_ids integer[], wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(instrument_id integer, first_traded_on date, last_traded_on date, observations integer, return_percent_per_year double precision, volatility_percent_per_year double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    y.instrument_id, y.first_traded_on, y.last_traded_on, y.observations,
    case
      when y.observations < 3 then null
      when y.growth = 0 then -100
      -- Beyond e^700, and where the first close is 0, it is not a number to show.
      when abs(ln(y.growth) * y.per_year) <= 700 then 100 * exp(ln(y.growth) * y.per_year) - 100
    end,
    case when y.observations >= 3 then y.deviation_percent * sqrt(y.periods) end
  from (
    select
      i.id as instrument_id, d.first_traded_on, d.last_traded_on, d.observations,
      d.deviation_percent,
      d.last_close / nullif(d.first_close, 0) as growth,
      365.2425 / nullif(d.last_traded_on - d.first_traded_on, 0) as per_year,
      market.periods_per_year(i.kind) as periods
    from market.instruments i
    join (
      select
        r.instrument_id,
        min(r.traded_on) as first_traded_on, max(r.traded_on) as last_traded_on,
        min(r.first_close) as first_close, min(r.last_close) as last_close,
        count(r.return_percent)::integer as observations,
        stddev_samp(r.return_percent) as deviation_percent
      from (
        select
          c.instrument_id, (c.opened_at at time zone 'UTC')::date as traded_on,
          first_value(c.close::double precision) over by_date as first_close,
          last_value(c.close::double precision) over (
            by_date rows between unbounded preceding and unbounded following) as last_close,
          100 * c.close::double precision
            / nullif(lag(c.close::double precision) over by_date, 0) - 100 as return_percent
        from market.candles_adjusted c
        where c.instrument_id = any (wanted_instrument_ids)
          and c.candle_interval = '1day'
          and c.opened_at >= coalesce(wanted_from, '-infinity')
          and c.opened_at < coalesce(wanted_to, 'infinity')
          and c.is_final
        window by_date as (partition by c.instrument_id order by c.opened_at)
      ) r
      group by r.instrument_id
    ) d on d.instrument_id = i.id
  ) y
$function$;

CREATE OR REPLACE FUNCTION market.roc_step(state double precision[], close double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  place integer := 3 + state[2]::integer % nullif(n, 0);
  past double precision := state[place];
begin
  state[1] := null;
  if (close - close = 0 and n > 0) is not true then return state; end if;
  state[place] := close;
  state[2] := state[2] + 1;
  state[1] := 100 * ((close - past) / nullif(past, 0));
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.roll_up(wanted_instrument_id integer, changed_intervals text[], changed_from timestamp with time zone, changed_to timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
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

    -- Materialized, or the bucket would be worked out wherever it is named.
    with shorter as materialized (
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
        union all
        select * from market.all_candles c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = level.made_of[3]
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
          or max(p.loaded_at) >= least(
            market.candle_closes_at(level.candle_interval, p.bucket, zone, session_end),
            (select e.ends_at from market.candle_end(session, level.candle_interval, p.bucket) e),
            -- Our own days end where the next would begin.
            case when level.candle_interval = '1day' and session = 'forex' then
              ((p.bucket at time zone 'UTC')::date + time '17:00') at time zone 'America/New_York'
            when level.candle_interval = '1day' and session = 'unknown' then
              ((p.bucket at time zone 'UTC')::date + 1)::timestamp at time zone coalesce(zone, 'UTC')
            end
          )
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
        -- Not an anti-join, which the planner makes a nested loop of: it expects one bucket.
        and r.opened_at not in (select w.opened_at from wanted w)
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

CREATE OR REPLACE FUNCTION market.rolling_correlation(wanted_instrument_id integer, other_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_returns integer)
 RETURNS TABLE(opened_at timestamp with time zone, correlation double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    r.opened_at,
    case when count(*) over newest >= wanted_returns then market.correlation_of_sums(
      count(*) over newest,
      regr_sxx(r.other_return_percent, r.return_percent) over newest,
      regr_syy(r.other_return_percent, r.return_percent) over newest,
      regr_sxy(r.other_return_percent, r.return_percent) over newest)
    end
  from market.aligned_returns(
    array[wanted_instrument_id], array[other_instrument_id],
    wanted_interval, wanted_from, wanted_to) r
  window newest as (
    order by r.opened_at rows between greatest(wanted_returns, 1) - 1 preceding and current row)
$function$;

CREATE OR REPLACE FUNCTION market.rolling_correlation_points(wanted_instrument_id integer, other_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_returns integer, wanted_points integer)
 RETURNS TABLE(opened_at timestamp with time zone, correlation double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select p.opened_at, p.correlation
  from (
    select
      r.opened_at, r.correlation,
      row_number() over (order by r.opened_at) as place, count(*) over () as places
    from market.rolling_correlation(
      wanted_instrument_id, other_instrument_id, '1day',
      -- Two markets have more than half of all dates in common; hours, as a day of an interval is one of
      -- the connection's time zone.
      wanted_from - interval '24 hours' * (2 * wanted_returns + 10), wanted_to, wanted_returns) r
    where r.opened_at >= coalesce(wanted_from, '-infinity')
  ) p
  where market.is_shown_point(p.place, p.places, wanted_points)
$function$;

CREATE OR REPLACE FUNCTION market.rollup_levels(session_name text)
 RETURNS TABLE(level integer, candle_interval market.candle_interval, made_of text[])
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select l.level, l.candle_interval,
    case session_name
      when 'unknown' then l.made_of_unknown
      when 'forex' then l.made_of_forex
      else l.made_of
    end
  from (values
    (1, '5min', array['1min'], array['1min'], array['1min']),
    (2, '15min', array['5min'], array['5min'], array['5min']),
    -- An exchange may open at a quarter past: nobody says from when these are counted then.
    (3, '30min', array['15min'], array['15min'], '{}'),
    (4, '45min', array['15min'], array['15min'], '{}'),
    (5, '1h', array['30min'], array['30min'], '{}'),
    (6, '2h', array['1h'], array['1h'], '{}'),
    -- The provider's own from 2h on may begin in one forex day and end in the next.
    (7, '4h', array['2h'], array['1h'], '{}'),
    (8, '8h', array['4h'], array['1h'], '{}'),
    (9, '1day', array['8h', '45min'], array['1h'], array['1h', '30min', '15min']),
    (10, '1week', array['1day'], array['1day'], array['1day']),
    (11, '1month', array['1day'], array['1day'], array['1day'])
  ) l (level, candle_interval, made_of, made_of_forex, made_of_unknown)
  order by l.level
$function$;

CREATE OR REPLACE FUNCTION market.rsi_series(closes double precision[], n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  results double precision[] := closes;
  change double precision;
  gain double precision := 0;
  loss double precision := 0;
  weight double precision;
  unchanged_count integer := 0;
begin
  for i in 2 .. cardinality(closes) loop
    if i <= n + 1 then weight := i - 1; end if;
    change := closes[i] - closes[i - 1];
    gain := market.next_mean(gain, greatest(change, 0), weight);
    loss := market.next_mean(loss, greatest(-change, 0), weight);
    unchanged_count := case change when 0 then unchanged_count + 1 else 0 end;
    results[i] := case when unchanged_count < 14 * n and gain + loss > 0
      then 100 * (gain / (gain + loss)) else 'NaN' end;
  end loop;
  return results[n + 1:];
end
$function$;

CREATE OR REPLACE FUNCTION market.rsi_step(state double precision[], close double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  change double precision;
begin
  state[1] := null;
  if (close - close = 0 and n > 0) is not true then return state; end if;
  change := close - state[3];
  state[3] := close;
  if change is null then return state; end if;
  state[2] := state[2] + 1;
  state[4] := market.next_mean(state[4], greatest(change, 0), least(state[2], n));
  state[5] := market.next_mean(state[5], greatest(-change, 0), least(state[2], n));
  state[6] := case change when 0 then state[6] + 1 else 0 end;
  if state[2] >= n and state[6] < 14 * n then
    state[1] := 100 * (state[4] / nullif(state[4] + state[5], 0));
  end if;
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.scaled(amount numeric, numerator numeric, denominator numeric)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (numerator IS NULL) THEN amount ELSE trim_scale(round((round((amount * numerator), 28) / denominator), 12)) END;

CREATE OR REPLACE FUNCTION market.seasonality_by_hour(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(hour integer, time_zone text, candle_count bigint, average_return_percent double precision, rising_percent double precision, average_volume numeric)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    extract(hour from c.opened_at at time zone i.zone)::integer, i.zone, count(*),
    avg(market.change_percent(c.open, c.close)),
    100.0::double precision * count(*) filter (where c.close > c.open) / count(*),
    trim_scale(round(avg(c.volume), 8))
  from (
    select i.id,
      case i.kind when 'crypto' then 'UTC' else coalesce(i.exchange_timezone, 'UTC') end as zone
    from market.instruments i
    where i.id = wanted_instrument_id
  ) i
  join market.candles_adjusted c on c.instrument_id = i.id
  where c.candle_interval = '1h' and c.is_final
    and c.opened_at >= coalesce(wanted_from, '-infinity')
    and c.opened_at < coalesce(wanted_to, 'infinity')
  group by 1, 2
$function$;

CREATE OR REPLACE FUNCTION market.seasonality_by_weekday(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(weekday integer, return_count bigint, average_return_percent double precision, rising_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    extract(isodow from d.traded_on)::integer, count(d.return_percent), avg(d.return_percent),
    100.0::double precision * count(*) filter (where d.return_percent > 0)
      / nullif(count(d.return_percent), 0)
  from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
  group by 1
$function$;

CREATE OR REPLACE FUNCTION market.series_health(wanted_source market.source, as_of timestamp with time zone, wanted_from timestamp with time zone)
 RETURNS TABLE(source market.source, instrument_id integer, symbol text, candle_interval market.candle_interval, state text, newest_final_at timestamp with time zone, newest_closed_at timestamp with time zone, age_seconds double precision, due_at timestamp with time zone, calendar text, expected_candles bigint, have_candles bigint, missing_candles bigint, percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET jit TO 'off'
AS $function$
  with months as (
    select
      c.instrument_id, c.candle_interval, min(c.calendar) as calendar,
      sum(c.expected_candles)::bigint as expected,
      -- Where a calendar is known for a part of the window, only that part can be counted.
      coalesce(
        sum(c.have_candles) filter (where c.calendar is not null), sum(c.have_candles)
      )::bigint as have,
      sum(c.missing_candles)::bigint as missing
    from market.find_completeness(wanted_source, wanted_from, as_of) c
    group by c.instrument_id, c.candle_interval
  )
  select
    f.source, f.instrument_id, f.symbol, f.candle_interval, f.state, f.newest_final_at,
    f.newest_closed_at, f.age_seconds, f.due_at, m.calendar, m.expected, m.have, m.missing,
    case when m.calendar is not null then
      (100 * m.have / nullif(m.expected, 0)::numeric)::double precision
    end
  from market.freshness_at(wanted_source, as_of) f
  left join months m
    on m.instrument_id = f.instrument_id and m.candle_interval = f.candle_interval
$function$;

CREATE OR REPLACE FUNCTION market.session_name(kind text, exchange_timezone text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (kind = 'crypto'::text) THEN 'round_the_clock'::text WHEN (kind = ANY (ARRAY['forex'::text, 'commodity'::text])) THEN 'forex'::text WHEN (exchange_timezone = 'America/New_York'::text) THEN 'us_stocks'::text ELSE 'unknown'::text END;

CREATE OR REPLACE FUNCTION market.sma_step(state double precision[], value double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  total double precision := 0;
begin
  state[1] := null;
  if (value - value = 0 and n > 0) is not true then return state; end if;
  state[3 + state[2]::integer % n] := value;
  state[2] := state[2] + 1;
  if state[2] < n then return state; end if;
  -- Added up anew, as a sum that goes along keeps the rounding of what has left.
  for i in 3 .. n + 2 loop
    total := total + state[i];
  end loop;
  state[1] := total / n;
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.span_summary(wanted_source market.source, as_of timestamp with time zone, wanted_span text)
 RETURNS TABLE(kind text, instruments bigint, stale bigint, known bigint, rising bigint, falling bigint, unchanged bigint, rising_percent double precision, average_change_percent double precision, median_change_percent double precision, best_symbol text, best_change_percent double precision, worst_symbol text, worst_change_percent double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

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

CREATE OR REPLACE FUNCTION market.stale_prices(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(instrument_id integer, symbol text, candle_interval market.candle_interval, priced_at timestamp with time zone, due_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION market.stochastic_step(state double precision[], high double precision, low double precision, close double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  place integer := 3 + 2 * (state[2]::integer % nullif(n, 0));
  highest double precision := high;
  lowest double precision := low;
begin
  state[1] := null;
  if (high - high = 0 and low - low = 0 and close - close = 0 and n > 0) is not true then
    return state;
  end if;
  state[place] := high;
  state[place + 1] := low;
  state[2] := state[2] + 1;
  if state[2] < n then return state; end if;
  for i in 1 .. n loop
    highest := greatest(highest, state[1 + 2 * i]);
    lowest := least(lowest, state[2 + 2 * i]);
  end loop;
  state[1] := 100 * ((close - lowest) / nullif(highest - lowest, 0));
  return state;
end
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

CREATE OR REPLACE FUNCTION market.text_likeness(one text, other text)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT ((2.0 * (count(*) FILTER (WHERE pairs.is_in_both))::numeric) / NULLIF(sum(pairs.texts), (0)::numeric)) FROM (SELECT count(*) AS texts, (count(*) > 1) AS is_in_both FROM (SELECT DISTINCT 1 AS "?column?", substr(((' '::text || lower(text_likeness.one)) || ' '::text), at.at, 2) AS pair FROM generate_series(1, (length(text_likeness.one) + 1)) at(at) UNION ALL SELECT DISTINCT 2, substr(((' '::text || lower(text_likeness.other)) || ' '::text), at.at, 2) AS substr FROM generate_series(1, (length(text_likeness.other) + 1)) at(at)) pair_of_text GROUP BY pair_of_text.pair) pairs);

CREATE OR REPLACE FUNCTION market.trading_date(opened_at timestamp with time zone, session_name text, exchange_timezone text)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE session_name WHEN 'round_the_clock'::text THEN ((opened_at AT TIME ZONE 'UTC'::text))::date WHEN 'us_stocks'::text THEN ((opened_at AT TIME ZONE 'America/New_York'::text))::date WHEN 'forex'::text THEN (((opened_at AT TIME ZONE 'America/New_York'::text) + '07:00:00'::interval))::date ELSE ((opened_at AT TIME ZONE COALESCE(exchange_timezone, 'UTC'::text)))::date END;

CREATE OR REPLACE FUNCTION market.turnover_by_currency(wanted_source market.source, as_of timestamp with time zone)
 RETURNS TABLE(kind text, currency text, instruments bigint, turnover_24h numeric)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select o.kind, o.currency, count(*), sum(o.turnover_24h)
  from market.overview(wanted_source, as_of) o
  where o.turnover_24h is not null and o.currency is not null
  group by o.kind, o.currency
$function$;

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

CREATE OR REPLACE FUNCTION market.vwap_series(wanted_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS double precision[]
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
declare
  is_intraday constant boolean := wanted_interval not in ('1day', '1week', '1month');
  first_at timestamptz := coalesce(wanted_from, '-infinity');
  session_name text;
  timezone text;
  read_from timestamptz := first_at;
  first_date date;
begin
  if is_intraday then
    select market.session_name(i.kind, i.exchange_timezone), i.exchange_timezone
    into session_name, timezone
    from market.instruments i
    where i.id = wanted_instrument_id;
    select a.opened_at, market.trading_date(a.opened_at, session_name, timezone)
    into first_at, first_date
    from market.all_candles a
    where a.instrument_id = wanted_instrument_id and a.candle_interval = wanted_interval
      and a.opened_at >= first_at
    order by a.opened_at
    limit 1;
    -- No date is longer than that in any time zone.
    read_from := first_at - interval '25 hours';
  end if;
  return (
    select array_agg(coalesce(v.vwap, 'NaN') order by v.opened_at)
    from (
      select
        s.opened_at,
        case when count(s.volume) over so_far = count(*) over so_far then
          (sum((s.high + s.low + s.close) * s.volume) over so_far)::double precision
            / nullif(3 * sum(s.volume) over so_far, 0)::double precision end as vwap
      from (
        select
          c.opened_at, c.high, c.low, c.close, c.volume,
          case when is_intraday
            then market.trading_date(c.opened_at, session_name, timezone) end as session_date
        from market.candles_adjusted c
        where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
          and c.opened_at >= read_from and c.opened_at < coalesce(wanted_to, 'infinity')
      ) s
      where not is_intraday or s.session_date >= first_date
      window so_far as (partition by s.session_date order by s.opened_at)
    ) v
    where v.opened_at >= first_at
  );
end
$function$;

CREATE OR REPLACE FUNCTION market.vwap_step(state double precision[], high double precision, low double precision, close double precision, volume double precision)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  state[1] := null;
  if (high - high = 0 and low - low = 0 and close - close = 0) is not true then return state; end if;
  state[2] := state[2] + case when volume - volume = 0 then volume end;
  state[3] := state[3] + (high + low + close) / 3 * volume;
  state[1] := state[3] / nullif(state[2], 0);
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.warmed_up_candles(wanted_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(opened_at timestamp with time zone, open numeric, high numeric, low numeric, close numeric, volume numeric, candle_number integer, is_wanted boolean)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE ROWS 1100
AS $function$
declare
  first_at constant timestamptz := coalesce(wanted_from, '-infinity');
  warm_up_from timestamptz;
begin
  select min(e.opened_at) into warm_up_from
  from (
    select a.opened_at
    from market.all_candles a
    where a.instrument_id = wanted_instrument_id and a.candle_interval = wanted_interval
      and a.opened_at < first_at
    order by a.opened_at desc
    limit 600
  ) e;
  return query
    select
      c.opened_at, c.open, c.high, c.low, c.close, c.volume,
      (row_number() over (order by c.opened_at))::integer, c.opened_at >= first_at
    from market.candles_adjusted c
    where c.instrument_id = wanted_instrument_id and c.candle_interval = wanted_interval
      and c.opened_at >= coalesce(warm_up_from, first_at)
      and c.opened_at < coalesce(wanted_to, 'infinity')
    order by c.opened_at;
end
$function$;

CREATE OR REPLACE FUNCTION market.wilder_step(state double precision[], value double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  state[1] := null;
  if (value - value = 0 and n > 0) is not true then return state; end if;
  state[2] := state[2] + 1;
  state[3] := market.next_mean(state[3], value, least(state[2], n));
  if state[2] >= n then state[1] := state[3]; end if;
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.wma_step(state double precision[], value double precision, n integer)
 RETURNS double precision[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  seen integer := state[2];
  total double precision := 0;
begin
  state[1] := null;
  if (value - value = 0 and n > 0) is not true then return state; end if;
  state[3 + seen % n] := value;
  state[2] := seen + 1;
  if seen + 1 < n then return state; end if;
  for age in 0 .. n - 1 loop
    total := total + (n - age) * state[3 + (seen - age) % n];
  end loop;
  state[1] := total / (n * (n + 1.0::double precision) / 2);
  return state;
end
$function$;

CREATE OR REPLACE FUNCTION market.yearly_returns(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone)
 RETURNS TABLE(year integer, return_percent double precision, first_on date, last_on date, return_count bigint)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select y.year, case when y.first_on < y.last_on then market.change_percent(y.first, y.last) end,
    y.first_on, y.last_on, y.return_count
  from (
    select
      extract(year from d.traded_on)::integer as year,
      min(coalesce(d.previous_on, d.traded_on)) as first_on, max(d.traded_on) as last_on,
      (array_agg(coalesce(d.previous_close, d.close) order by d.traded_on))[1] as first,
      (array_agg(d.close order by d.traded_on desc))[1] as last,
      count(d.return_percent) as return_count
    from market.daily_closes(wanted_instrument_id, wanted_from, wanted_to) d
    group by extract(year from d.traded_on)
  ) y
$function$;

create aggregate market.adx(high double precision, low double precision, close double precision, n integer) (
  sfunc = market.adx_step, stype = double precision[], initcond = '{NULL,0,NULL,NULL,0,0,0,0}'
);

create aggregate market.atr(high double precision, low double precision, close double precision, n integer) (
  sfunc = market.atr_step, stype = double precision[], initcond = '{NULL,0,NULL,0}'
);

create aggregate market.ema(value double precision, n integer) (
  sfunc = market.ema_step, stype = double precision[], initcond = '{NULL,0,0}'
);

create aggregate market.obv(close double precision, volume double precision) (
  sfunc = market.obv_step, stype = double precision[], initcond = '{NULL,NULL,0}'
);

create aggregate market.product(numeric) (
  sfunc = numeric_mul, stype = numeric
);

create aggregate market.roc(close double precision, n integer) (
  sfunc = market.roc_step, stype = double precision[], initcond = '{NULL,0}'
);

create aggregate market.rsi(close double precision, n integer) (
  sfunc = market.rsi_step, stype = double precision[], initcond = '{NULL,0,NULL,0,0,0}'
);

create aggregate market.sma(value double precision, n integer) (
  sfunc = market.sma_step, stype = double precision[], initcond = '{NULL,0}'
);

create aggregate market.stochastic(high double precision, low double precision, close double precision, n integer) (
  sfunc = market.stochastic_step, stype = double precision[], initcond = '{NULL,0}'
);

create aggregate market.vwap(high double precision, low double precision, close double precision, volume double precision) (
  sfunc = market.vwap_step, stype = double precision[], initcond = '{NULL,0,0}'
);

create aggregate market.wilder(value double precision, n integer) (
  sfunc = market.wilder_step, stype = double precision[], initcond = '{NULL,0,0}'
);

create aggregate market.wma(value double precision, n integer) (
  sfunc = market.wma_step, stype = double precision[], initcond = '{NULL,0}'
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

create view market.completeness (
  source /* market.source */,
  instrument_id /* integer */,
  symbol /* text */,
  candle_interval /* market.candle_interval */,
  month_on /* date */,
  calendar /* text */,
  expected_candles /* bigint */,
  have_candles /* bigint */,
  missing_candles /* bigint */,
  percent /* double precision */
) as
 SELECT source,
    instrument_id,
    symbol,
    candle_interval,
    month_on,
    calendar,
    expected_candles,
    have_candles,
    missing_candles,
    percent
   FROM market.find_completeness((NULL::text)::market.source, NULL::timestamp with time zone, NULL::timestamp with time zone) c(source, instrument_id, symbol, candle_interval, month_on, calendar, expected_candles, have_candles, missing_candles, percent);

create view market.daily_returns (
  instrument_id /* integer */,
  traded_on /* date */,
  return_percent /* double precision */
) as
 SELECT instrument_id,
    ((opened_at AT TIME ZONE 'UTC'::text))::date AS traded_on,
    market.change_percent(lag(close) OVER (PARTITION BY instrument_id ORDER BY opened_at), close) AS return_percent
   FROM market.candles_adjusted c
  WHERE (((candle_interval)::text = '1day'::text) AND is_final);

create view market.fetched_intervals (
  instrument_id /* integer */,
  intervals /* market.candle_interval[] */
) as
 SELECT instrument_id,
    array_agg(candle_interval ORDER BY (market.interval_duration(candle_interval))) AS intervals
   FROM market.watermarks w
  GROUP BY instrument_id;

create view market.freshness (
  source /* market.source */,
  instrument_id /* integer */,
  symbol /* text */,
  candle_interval /* market.candle_interval */,
  newest_final_at /* timestamp with time zone */,
  newest_closed_at /* timestamp with time zone */,
  next_expected_at /* timestamp with time zone */,
  due_at /* timestamp with time zone */,
  age_seconds /* double precision */,
  state /* text */
) as
 SELECT source,
    instrument_id,
    symbol,
    candle_interval,
    newest_final_at,
    newest_closed_at,
    next_expected_at,
    due_at,
    age_seconds,
    state
   FROM market.freshness_at((NULL::text)::market.source, now()) f(source, instrument_id, symbol, candle_interval, newest_final_at, newest_closed_at, next_expected_at, due_at, age_seconds, state);

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
comment on column market.candles_adjusted.loaded_at is 'When it, or the newest candle in it, was loaded.';
comment on column market.candles_adjusted.price_factor is 'What the prices were multiplied by, to 20 decimals; 1 after the last split.';
comment on column market.candles_adjusted.spans_split is 'True for a week or month with a split inside: its stored prices mix two levels, and all of them are adjusted as those of its first date. Take its daily candles instead.';
comment on column market.candles_adjusted.rolled_up_from is 'The interval that it was rolled up from; null for a candle that the provider sent.';
comment on view market.completeness is 'How much of what is expected is stored, one row per series and month. Reads everything; for a window ask find_completeness().';
comment on column market.completeness.source is 'Where the candles of the instrument come from.';
comment on column market.completeness.instrument_id is 'The instrument.';
comment on column market.completeness.symbol is 'What the provider calls it.';
comment on column market.completeness.candle_interval is 'The interval.';
comment on column market.completeness.month_on is 'First date of the month in which the candles lie: by UTC date round the clock and for candles of a day or longer, else by the date of the trading day. The first and the last month count from the oldest candle and up to the newest final one.';
comment on column market.completeness.calendar is 'The session whose calendar says what is expected: us_stocks, round_the_clock or forex. Null where none is known: an exchange with unknown hours, forex of 2h, 4h and 8h, and what lies before trading_days.';
comment on column market.completeness.expected_candles is 'Candles that the calendar promises; forex ones around the daily roll only where they were ever seen. Null where no calendar is known.';
comment on column market.completeness.have_candles is 'Final candles stored of those expected; where no calendar is known, all final candles stored.';
comment on column market.completeness.missing_candles is 'Candles missing, as market.missing_candles has them; where no calendar is known, what other instruments of the same exchange have, as far as there are any.';
comment on column market.completeness.percent is 'Per cent of the expected candles that are stored: 100 have / expected. Null when none is expected or no calendar is known.';
comment on table market.credit_windows is 'Credits of the provider''s plan: one row per reservation of a request for about a minute (kind minute), and one per day in UTC, kept as a history of use (kind day).';
comment on column market.credit_windows.id is 'Number of the window.';
comment on column market.credit_windows.source is 'The provider whose credits they are.';
comment on column market.credit_windows.kind is 'minute or day.';
comment on column market.credit_windows.started_at is 'minute: when the credits were reserved; day: 00:00 UTC.';
comment on column market.credit_windows.answered_at is 'minute: when the answer, or the failure, was there: the credits count for 61 s from then on; null while it is not. Always null for a day.';
comment on column market.credit_windows.credits is 'Credits reserved or spent in it, with those that the provider counted and nobody here spent.';
comment on column market.credit_windows.told_per_minute is 'day: the credits a minute that the plan grants, as the provider told last; null until it does.';
comment on view market.daily_returns is 'Simple return of each final daily candle against the one stored before it, in per cent: 100 (close / previous close - 1), over a split too. The first candle has none. It reads the whole history of an instrument: for a window ask market.daily_closes().';
comment on column market.daily_returns.instrument_id is 'The instrument.';
comment on column market.daily_returns.traded_on is 'The date of the daily candle.';
comment on column market.daily_returns.return_percent is 'Return in per cent; null for the first.';
comment on view market.fetched_intervals is 'One row per instrument with the intervals that the provider was asked for. What is rolled up is made of their candles and so knows no newer price.';
comment on column market.fetched_intervals.instrument_id is 'The instrument.';
comment on column market.fetched_intervals.intervals is 'The intervals, shortest first.';
comment on view market.freshness is 'How new each loaded series of the active instruments is now, against the calendar of its session: see freshness_at().';
comment on column market.freshness.source is 'Where the candles of the instrument come from.';
comment on column market.freshness.instrument_id is 'The instrument.';
comment on column market.freshness.symbol is 'What the provider calls it.';
comment on column market.freshness.candle_interval is 'The interval.';
comment on column market.freshness.newest_final_at is 'Open time of the newest final candle; null while there is none.';
comment on column market.freshness.newest_closed_at is 'When that candle ended, half days known; null while there is none.';
comment on column market.freshness.next_expected_at is 'Open time of the candle that the calendar promises after it; null where no calendar is known.';
comment on column market.freshness.due_at is 'When the next candle has ended and a run has had time to load it: 90 minutes after its end. Null where no calendar is known.';
comment on column market.freshness.age_seconds is 'Seconds since the newest final candle ended; null while there is none.';
comment on column market.freshness.state is 'fresh: nothing is overdue and the market trades. market_closed: nothing is overdue and it does not. stale: due_at has passed. unknown: no calendar is known. empty: no final candle is stored.';
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
comment on aggregate market.adx(high double precision, low double precision, close double precision, n integer) is 'Average directional index, 0 to 100: market.wilder over n values of DX, which is market.wilder over n movements in market.directional_index(). A candle moves up by its high less the previous one, or down by the previous low less its own, whichever is more; inside or equal it does not move (J. W. Wilder 1978, "New Concepts in Technical Trading Systems"). DX is 0 with no movement at all, which is also said once the last 14 n candles had none. Known from candle 2 n; null where n < 1. A candle with a price that is null, NaN or infinite gives null and is left out.';
comment on function market.adx_series(highs double precision[], lows double precision[], n integer) is 'market.adx of the highs and lows of a series, from its candle 2 n on.';
comment on function market.adx_step(state double precision[], high double precision, low double precision, close double precision, n integer) is 'Transition of market.adx: {result, movements seen, previous high, previous low, mean movement up, mean movement down, candles without movement in a row, mean of DX}.';
comment on function market.aligned_returns(wanted_instrument_ids integer[], other_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'Simple returns in per cent of each wanted instrument beside those of each other one, over the same spans of time: from one instant at which both have a final candle to the next such instant, 100 × close / close at previous_opened_at - 100. So from Friday to Monday for a stock beside crypto, and across a holiday of either exchange; nothing is filled in. Instants are compared as they open: hourly candles of US stocks begin at half past and have none in common with those of crypto. Candles in [wanted_from, wanted_to), null bounds nothing, closes adjusted for splits as in market.rebased(); no row after a close of 0.';
comment on aggregate market.atr(high double precision, low double precision, close double precision, n integer) is 'Average true range, in the unit of the prices: market.wilder over n true ranges, each the highest of high and previous close less the lowest of low and previous close (J. W. Wilder 1978, "New Concepts in Technical Trading Systems"). The first candle has none, so it is known from candle n + 1; null where n < 1. A candle with a price that is null, NaN or infinite gives null and is left out.';
comment on function market.atr_step(state double precision[], high double precision, low double precision, close double precision, n integer) is 'Transition of market.atr: {result, true ranges seen, previous close, mean so far}.';
comment on function market.betas(wanted_instrument_ids integer[], wanted_benchmark_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'How strongly each instrument moves with the benchmark: covariance of their aligned returns (market.aligned_returns) / variance of the benchmark''s (Sharpe, 1964). 1 of the benchmark itself. Null below 3 common returns and when the benchmark''s returns do not vary; 0 for a flat instrument. One row per instrument that exists.';
comment on function market.breadth(wanted_source market.source, as_of timestamp with time zone) is 'One row per span and kind, and one per span over all kinds (kind is null): how many active instruments there are, of how many the change is known, how many of these rose, fell and stayed, and the share of those that rose in per cent, null when none is known. Stale prices count too, with their changes of long ago: market.movers() tells their price_age. In no order.';
comment on function market.bucket_opens_at(wanted market.candle_interval, shorter market.candle_interval, opened_at timestamp with time zone, session_name text, exchange_timezone text) is 'When the candle of the wanted interval opens that holds a shorter one. A day is the trading date, a week begins on Monday (ISO 8601), a month on its first. Intraday candles are counted from 09:30 New York for US stocks, from 17:00 New York for forex, and from 00:00 UTC else; longer ones than 15 minutes mean nothing where the hours are not known. session_name as market.session_name() says.';
comment on function market.candle_after(wanted_session text, wanted_interval market.candle_interval, after timestamp with time zone) is 'The open time of the first candle after an instant that a session''s calendar promises; see expected_candles(). One row; null for an unknown session and beyond what trading_days holds.';
comment on function market.candle_closes_at(wanted market.candle_interval, opened_at timestamp with time zone, exchange_timezone text, session_closes time without time zone) is 'The instant a candle ends: one interval after it opened, or when the session closes before that. Half days count as whole ones.';
comment on function market.candle_end(wanted_session text, wanted_interval market.candle_interval, opened_at timestamp with time zone) is 'When a candle ends, half days and holidays known, as closesAt() in market/session.ts: its interval after it opened, or at the close of its session when that is earlier; a US stock''s candle of a day, week or month with the last close in it. One row. Where trading_days has no row, its interval counts.';
comment on function market.candles_as_of(known_at timestamp with time zone) is 'The candles as they were known at that instant: filter them as market.candles. A candle that was still forming then and was overwritten since is missing, as forming candles leave no trace.';
comment on function market.change_percent(before numeric, after numeric) is 'The change from one price to a later one in per cent, 100 (after - before) / before; null when one is null or the first is 0.';
comment on function market.class_members(wanted_source market.source, wanted_kinds text[], wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'The active instruments of some kinds, with the dates of their first and last daily candle in [wanted_from, wanted_to), and why one is better left out when all of them are compared over their common dates (market.rebased(), market.performance_ranking()), which it would cut short: no_candle; ended: more than 7 days before the newest of them; late: it begins more than 7 days after the oldest of those that have not ended, unless wanted_from is null. left_out is null for all others.';
comment on function market.class_performance(wanted_source market.source, as_of timestamp with time zone) is 'One row per span and kind of which a change is known: how many instruments, the average and the median of their changes in per cent, each counting the same whatever it costs, and the best and the worst performer (of equal ones the first by symbol). Stale prices count too, with their changes of long ago: market.movers() tells their price_age. In no order.';
comment on function market.class_trends(wanted_source market.source, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'Price trend of each kind of instrument of a source: the mean of the lines of its active instruments that all begin at 100 (market.rebased), at the instants at which all of them have a candle. So it is what equal amounts put into each at the common start have become, free of currencies and price levels. instrument_count says how many it stands for: those without a candle in [wanted_from, wanted_to) are left out. A kind without a common start gives no row; one with a late newcomer starts late. A bound that is null bounds nothing.';
comment on function market.closes_beside(wanted_instrument_id integer, other_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'One row per candle of the first instrument that opened in [wanted_from, wanted_to), ascending, with the newest close of the other instrument that became known after the candle before ended and not after this one ends (market.candle_closes_at); candles of a day or longer are matched by their dates in the same way. Null where the other one has no close in that time: nothing is carried on over its closed market. Closes are adjusted for splits as in market.rebased; a forming candle counts. A null bound bounds nothing.';
comment on function market.common_window(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'The first instant in [wanted_from, wanted_to) at which all of the instruments have a final candle with a close above 0, and the last one at which all have a final candle, as they open: the window over which they can be compared. Instruments without a final candle there are left out; no row when the others have no such instant in common. A bound that is null bounds nothing.';
comment on function market.compared_lines(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_points integer) is 'The lines of market.rebased() at the instants that all of them have, in at most wanted_points points (2 at least) for a chart: the first one, then the last value of each of as many even stretches, so that first and last are exact and no value is an average. Null wanted_points leaves nothing out.';
comment on function market.correlation_of_sums(observations bigint, sum_of_squares double precision, other_sum_of_squares double precision, sum_of_products double precision) is 'Pearson''s correlation of returns in per cent, Sxy / sqrt(Sxx × Syy) of the sums of squared and multiplied deviations from the mean, within [-1, 1]. Null below 3 observations, as 2 always give 1 or -1, and when the returns of one do not vary: a standard deviation of at most 1e-10 per cent is what rounding leaves of none.';
comment on function market.correlations(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'Correlation matrix: Pearson''s correlation of the aligned returns (market.aligned_returns) of each two of the instruments, and how many returns they have in common. Both triangles, and the diagonal, which is 1. Null below 3 common returns and when the returns of one do not vary, on the diagonal too. One row per ordered pair of instruments that exist, without candles too; an id named twice counts once.';
comment on function market.credits_by_day(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'What each UTC day of [from, to), whole days at its begin, has cost: as the plan counts (credit_windows), and as the runs that began that day noted with their steps. One row a day, those without a run too.';
comment on function market.current_turnover(wanted_source market.source, as_of timestamp with time zone) is 'market.turnover_by_currency() without stale prices (market.stale_prices()), whose 24 hours are others: money traded, estimated from typical prices, a row per kind and currency. In no order.';
comment on function market.daily_closes(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'The closes of the final daily candles dated in [from, to), at the level of today, each beside the one stored before it, which may be before the window, and its simple return in per cent: 100 (close / previous close - 1), null for the first stored one and after a price of 0. A bound that is null bounds nothing.';
comment on function market.daily_jumps(since timestamp with time zone) is 'Every final daily candle of a stock or ETF that opened since then, beside the one before it: what is needed to see a split. turnover_ratio compares the money traded (close × volume); null when a volume is not reported.';
comment on function market.directional_index(plus double precision, minus double precision) is 'DX, 0 to 100, of the smoothed movements up and down: 100 × |plus - minus| / (plus + minus); 0 where there is none (J. W. Wilder 1978). Divided by the true range first, as Wilder does, it is the same.';
comment on function market.drawdown_path(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, most_points integer) is 'How far each close of the final daily candles dated in [from, to) is below the highest so far, the last close before from included as in market.drawdowns(): 100 (close / highest - 1), never above 0. At most most_points rows (at least 1): with more closes than that each row is of as many consecutive closes as the others, one more or less, from first_on to last_on, and has the deepest of them with its date, of equal ones the first. In no order.';
comment on function market.drawdowns(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'Every fall of the closes of the final daily candles dated in [from, to) below their highest so far, the last close before from included: from the peak to the first close that is as high again, or to the last close while it is under way (recovered_on is null). depth_percent is 100 (trough / peak - 1), duration_days counts the calendar. In no order.';
comment on aggregate market.ema(value double precision, n integer) is 'Exponential moving average: EMA + (value - EMA) × 2 / (n + 1), begun with the mean of the first n values (G. Appel 2005, "Technical Analysis: Power Tools for Active Investors"). Null before there are n and where n < 1. A value that is null, NaN or infinite gives null and is left out. MACD is ema(close, 12) - ema(close, 26), its signal line the ema of that over 9.';
comment on function market.ema_step(state double precision[], value double precision, n integer) is 'Transition of market.ema: {result, values seen, mean so far}.';
comment on function market.ended_opened_before(wanted market.candle_interval, at timestamp with time zone, exchange_timezone text, session_closes time without time zone) is 'The other way round than candle_closes_at(): the candles that had ended by an instant are those that opened before this one. Computed once per question, and not once per candle.';
comment on function market.expected_candles(wanted_session text, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'The open times of the candles that a session''s calendar promises in [from, to), in no order, as candleOpens() in market/session.ts: none for an unknown session, nor where trading_days has no row.';
comment on function market.figures(wanted_instrument_id integer, as_of timestamp with time zone) is 'Key figures of one instrument as of an instant, at the level of today; always one row. The price and its changes as market.price_changes(); high, low, units and money traded of the 24 hours before it as market.last_24_hours(); high and low of the 52 weeks (364 days) before it and of all that is stored, with the first date of each, from daily candles, the forming one included, and before the first of them from weeks and months, which are dated by their first day and left out where a split is inside; of the last 24 hours too, on the trading date of the candle with the high or low; the average of the volumes of the final daily candles dated in the 30 days before it, to 8 decimals, null when none reports one; the oldest fetched candle.';
comment on function market.find_completeness(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_symbols text[], wanted_intervals text[]) is 'How much of what is expected is stored: one row per series of an active instrument and month from its oldest candle to its newest final one, of candles that open in [from, to). What is missing is what find_missing_candles() says, so that it sums up to market.gaps. An argument that is null limits nothing.';
comment on function market.find_gaps(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_symbols text[], wanted_intervals text[]) is 'One row per unbroken run of missing candles of one series that opened in [from, to), apart where the provider has answered for a part of it only; see find_missing_candles().';
comment on function market.find_missing_candles(wanted_source market.source, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_symbols text[], wanted_intervals text[]) is 'One row per candle that is expected in [from, to), between the two ends of what is loaded of an active instrument, and not stored. Expected is what the calendar promises; where there is none, what at least half of the other instruments of the same exchange and kind have. An argument that is null limits nothing.';
comment on function market.freshness_at(wanted_source market.source, as_of timestamp with time zone) is 'How new each loaded series of the active instruments of a source is at an instant, one row a series: its newest final candle (as stored now), the next one that the calendar of its session promises, and whether that one is overdue. A source that is null limits nothing.';
comment on function market.indicator_result(state double precision[]) is 'What an indicator''s aggregate answers after a row: the first element of its state.';
comment on function market.indicators(wanted_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'The candles of one instrument that opened in [wanted_from, wanted_to), ascending, at the price level of today (market.candles_adjusted), each with the usual indicators; a null bound limits nothing. Candles are counted, not time: a gap is passed over; the forming candle is the newest one. Each indicator is null until there are candles enough. 600 earlier candles warm it up, after which more of them change nothing beyond 1e-9. Select the columns you need: others cost nothing. sma_20, sma_50, sma_200: market.sma of the close. ema_12, ema_20, ema_26: market.ema. wma_20: market.wma. macd: ema_12 - ema_26; macd_signal: market.ema of it over 9; macd_histogram: macd - macd_signal (G. Appel 2005, "Technical Analysis: Power Tools for Active Investors"). rsi_14: market.rsi, 0 to 100. bollinger_middle: sma_20; bollinger_upper and bollinger_lower: 2 standard deviations (of the population) of the 20 closes above and below it (J. Bollinger 2001, "Bollinger on Bollinger Bands"). atr_14: market.atr. stochastic_k: mean of the last 3 of market.stochastic over 14; stochastic_d: mean of the last 3 stochastic_k; null when one of the three is. obv: market.obv from 0 at the first candle returned, however far the warm-up reaches. vwap: market.vwap from the open of the session (market.trading_date) for intervals below a day, also when the page starts inside one, and from the first candle returned otherwise; null from a missing volume on. roc_20: market.roc, per cent. donchian_upper, donchian_lower: highest high and lowest low of 20 candles, this one included (R. Donchian). adx_14: market.adx, 0 to 100. Averages, bands, channels, MACD, ATR and VWAP are in the unit of the prices.';
comment on function market.interval_duration(wanted market.candle_interval) is 'The longest that a candle of this interval lasts; a month counts 31 days.';
comment on function market.is_shown_point(place bigint, places bigint, wanted_points integer) is 'Whether the point at place (1 is the first) of so many is shown when at most wanted_points may be, at least 2: the first, and the last of each of wanted_points - 1 even stretches of the others, so that both ends are as they are. All of them when there are no more; null wanted_points limits nothing.';
comment on function market.known_price(wanted_instrument_id integer, wanted_intervals market.candle_interval[], exchange_timezone text, session_closes time without time zone, has_splits boolean, at timestamp with time zone) is 'market.price_at() for who has the instrument''s row and its fetched_intervals already, with the candle that the price is from. has_splits may be true where there are none.';
comment on function market.last_24_hours(wanted_instrument_id integer, finest market.candle_interval, newest_opened_at timestamp with time zone, priced_at timestamp with time zone) is 'High, low, units traded and money traded of the 24 hours before a price, given the interval and the opening of the candle that it is from (market.price_changes()): of the candles that opened in them. Money is estimated as the sum of volume × (high + low + close) / 3 of candles of an hour or shorter, in the currency of the price, to 8 decimals. Volume and money are null when one of the volumes is not reported. Beside high and low, when the first candle with each opened. No row for a price of a candle longer than an hour.';
comment on function market.lock_candles(wanted_instrument_id integer) is 'Until the end of the transaction nobody else loads candles of the instrument: its rollups are made of several series.';
comment on function market.mean_series(wanted_values double precision[], n integer, weight double precision) is 'market.ema (weight = (n + 1) / 2) or market.wilder (weight = n) of a series, from its n-th value on.';
comment on function market.month_of_candle(wanted_interval market.candle_interval, opened_at timestamp with time zone, session_name text, exchange_timezone text) is 'First date of the month to which a candle belongs: that of its UTC date from a day on, of its trading day (trading_date()) below.';
comment on function market.monthly_returns(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'One row per calendar month that has final daily candles dated in [from, to): its last close against the last one before the month (first_on), which is what its daily returns compound to, in per cent; where from is inside a month, against the last one before from. The first month of all starts from its first close; with that alone it has no return. After months without a candle a return spans them too. In no order.';
comment on function market.movers(wanted_source market.source, as_of timestamp with time zone) is 'Every active instrument of a source and span (1h, 24h, 7d, 30d, ytd, 1y) as of an instant, with its change as market.price_changes() and its place among those that rose (gainer_rank, 1 is the top gainer) or fell (loser_rank); equal ones share a place, and both are null where nothing changed or the change is not known. Per cents of all kinds and currencies are compared, each in its own currency and before its own latest price: price_age tells those that are stale. In no order.';
comment on function market.moving_average_points(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, points integer) is 'market.moving_averages_of_days() for a chart: at most points (at least 2) of its rows, chosen as market.compared_lines() does; the averages are still over 7 and 30 days.';
comment on function market.moving_averages_of_days(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'Simple moving averages over 7 and 30 days of real time, not over 7 and 30 candles: the mean of the closes dated in the 7 (30) calendar dates up to and with traded_on, which of a stock are about 5 (21). One row per final daily candle in [wanted_from, wanted_to), with earlier ones read for the averages. Null where the stored daily candles do not reach back that far. Closes adjusted for splits, in the currency of the price. A bound that is null bounds nothing.';
comment on function market.newest_known_candle(wanted_instrument_id integer, wanted_interval market.candle_interval, opened_after timestamp with time zone, at timestamp with time zone, exchange_timezone text, session_closes time without time zone) is 'The newest fetched candle of a series that had ended by an instant, or had been loaded by then while it formed, as it is stored; of those that opened after opened_after.';
comment on function market.next_mean(mean double precision, value double precision, weight double precision) is 'A running mean moved one value on: mean + (value - mean) / weight. A weight that counts 1, 2, 3 … gives the arithmetic mean so far, a constant n Wilder''s smoothed mean, (n + 1) / 2 the exponential one.';
comment on aggregate market.obv(close double precision, volume double precision) is 'On-balance volume, in units traded: 0 at the first candle, then plus the volume of a candle that closes higher than the one before and minus that of one that closes lower (J. E. Granville 1963, "Granville''s New Key to Stock Market Profits"). From a volume that is null, NaN or infinite on it is null. A close that is null, NaN or infinite gives null and its candle is left out.';
comment on function market.obv_step(state double precision[], close double precision, volume double precision) is 'Transition of market.obv: {result, previous close, volume so far}.';
comment on function market.overview(wanted_source market.source, as_of timestamp with time zone) is 'Every active instrument of a source as of an instant, in no order: the latest price, its age and its changes over real time as market.price_changes(); units and money traded in the 24 hours before it as market.last_24_hours(), in the currency of the row: of two rows add money only when that is the same, and units never; a line of at most 60 closes of the 7 days before it that ends with it, from hourly candles for what trades at an exchange and 4-hourly ones else, thinned out where those are not stored. Null (the line empty) where nothing is known.';
comment on function market.performance(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, risk_free_percent double precision) is 'What the final daily candles dated in [from, to) have returned, against the last close before them where there is one (first_on), so with the return across the begin of the window, which market.risk_and_return() and market.performance_ranking() leave out: always one row. Compounded return: 100 (last close / first close - 1). Volatility: sample standard deviation of the daily returns × √ market.periods_per_year(), null under two returns, 0 where the deviation is at most 1e-10 per cent, which is what rounding leaves of equal ones (Bodie, Kane, Marcus, Investments). Sharpe ratio: (average daily return × periods - risk_free_percent a year) / volatility, null when prices do not vary (Sharpe, The Sharpe Ratio, 1994). Drawdowns as market.drawdowns(), null when there is none; of equal ones the first. All per cents, of the days too, are simple returns; ratios are not per cents.';
comment on function market.performance_ranking(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'Compounded return of each instrument over the same window, best first: 100 × (close / close at started_at - 1), which is the product of all 1 + r in between less 1. started_at and ended_at are the first and last instants in [wanted_from, wanted_to) at which all that have a candle there have one (market.rebased), as they open; equal returns share a place. A forming candle counts. It starts at the first close inside, market.performance() at the last one before. Without a common instant there is no row. A bound that is null bounds nothing.';
comment on function market.periods_per_year(kind text) is 'How many daily returns a year has, to annualise by: 365 of a market that never closes (crypto), 260 of one that trades on weekdays (forex, commodity), 252 of an exchange''s (stock, etf, index).';
comment on function market.price_at(wanted_instrument_id integer, at timestamp with time zone) is 'The last price known at an instant, at the level of today, and since when: the close of the newest candle of any interval that had ended by then, or of the forming one that had been loaded by then. The newest is the one that opened last; where the market has a daily close, the final candle of a day or shorter that ended last. Of equal ones the shortest. No row when none had.';
comment on function market.price_changes(wanted_instrument_id integer, as_of timestamp with time zone) is 'The latest price at an instant, its age, the candle that it is from, and its change over the hour, 24 hours of real time before it, the 7 days, 30 days and the year before it on the clock of the exchange (an hour more or less where it was put forward or back), and since the last price of the year before its own there (UTC for crypto and where no zone is known), in currency and in per cent; null where no price is known that long before, or only one of a candle that is longer than the span (7 days: a week; 30 days and more: a month). A year before 29 February is 28 February. No row when no price is known.';
comment on aggregate market.product(numeric) is 'Exact product of the values; null of none.';
comment on function market.rebased(wanted_instrument_ids integer[], wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'Lines that all begin at 100, to compare prices of any size and currency: 100 × close / close at the common start, the first instant in [wanted_from, wanted_to) at which all of them have a candle with a close above 0. One row per instrument and candle from there on, each at its own instants; nothing is filled in, no currency is converted. value - 100 is the compounded return since the common start, in per cent. Closes are adjusted for splits, that of a week or month with a split inside is the close of its last day (without its days it is left out); a forming candle counts as the newest value. An instrument without a candle in the window is left out; without a common start there is no row. A bound that is null bounds nothing, here and in all that follow.';
comment on function market.rebuild_rollups(wanted_instrument_id integer) is 'Makes all of market.rollups of an instrument again. Loads keep them up to date by themselves: this is for after candles were deleted or changed by hand.';
comment on function market.rebuild_rollups_of_changed_instrument() is 'Trigger: the trading hours of an instrument have become known or have changed.';
comment on function market.restated_levels(since timestamp with time zone) is 'Series of which a run since then restated two or more final candles by one factor in all four prices (0.2 % and more), while older candles are still as they were loaded before.';
comment on function market.return_distribution(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, most_buckets integer) is 'How the returns of market.daily_closes() are distributed: buckets of one width, each from its lower edge (inclusive) to its upper one (exclusive), from that with the lowest return to that with the highest, empty ones between them included; none is open-ended, so an outlier makes all of them wider. The width is the smallest of 1, 2 and 5 times a power of ten, at least 0.01 per cent, of which at most most_buckets (at least 2) are needed; 0 is an edge, so that no bucket holds rises and falls. No row without a return. share_percent is of all returns in the window. In no order.';
comment on function market.risk_and_return(wanted_instrument_ids integer[], wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'Return and risk of each instrument a year, over its final daily candles in [wanted_from, wanted_to), null bounds nothing, closes adjusted for splits, from the first close inside (market.performance() from the last one before). return_percent_per_year: compounded over real time, 100 × ((last close / first close) ^ (365.2425 / days between them) - 1), so that a missing day changes nothing. volatility_percent_per_year: sample standard deviation of the simple daily returns in per cent × sqrt(market.periods_per_year(kind)): 365 for crypto, 260 for forex and commodities, 252 else. observations counts those returns. Each has its own dates: compare only where they agree. Both null below 3 returns; the return also where the first close is 0 and where a short window would give a number beyond e^700. An instrument without a candle gives no row.';
comment on aggregate market.roc(close double precision, n integer) is 'Rate of change in per cent: 100 × (close / close n before - 1) (J. J. Murphy 1999, "Technical Analysis of the Financial Markets"). Null before close n + 1, against a close of zero and where n < 1. A close that is null, NaN or infinite gives null and is left out.';
comment on function market.roc_step(state double precision[], close double precision, n integer) is 'Transition of market.roc: {result, closes seen, the last n closes in a ring}.';
comment on function market.roll_up(wanted_instrument_id integer, changed_intervals text[], changed_from timestamp with time zone, changed_to timestamp with time zone) is 'Brings market.rollups of an instrument up to date after fetched candles of the intervals have changed that opened in [from, to]: the buckets that hold them, the bucket before, and of every longer interval those that changed with them. Rows that stay the same are not written. The caller holds lock_candles().';
comment on function market.rolling_correlation(wanted_instrument_id integer, other_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_returns integer) is 'Pearson''s correlation of the newest wanted_returns common returns (market.aligned_returns) at each instant that has one. Null until there are so many in [wanted_from, wanted_to), when the returns of one do not vary, and always for fewer than 3.';
comment on function market.rolling_correlation_points(wanted_instrument_id integer, other_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone, wanted_returns integer, wanted_points integer) is 'market.rolling_correlation() of daily candles in [wanted_from, wanted_to), in at most wanted_points points as market.compared_lines() chooses them. Returns of up to 2 × wanted_returns + 10 days before the window are read, so that its first point has its returns too where they are stored.';
comment on function market.rollup_levels(session_name text) is 'Of which candles (fetched or rolled up themselves) those of each longer interval are made, the shorter first. Of several intervals the longest is taken of which a bucket has a candle.';
comment on aggregate market.rsi(close double precision, n integer) is 'Relative strength index, 0 to 100: 100 × mean gain / (mean gain + mean loss), both market.wilder over n changes of the close (J. W. Wilder 1978, "New Concepts in Technical Trading Systems"). 100 with gains only, 0 with losses only, null with neither, which is also said once the last 14 n changes were all zero: less than a millionth of the means is left of what came before. First known at close n + 1; null where n < 1. A close that is null, NaN or infinite gives null and is left out.';
comment on function market.rsi_series(closes double precision[], n integer) is 'market.rsi of a series, from its close n + 1 on; NaN where that is null.';
comment on function market.rsi_step(state double precision[], close double precision, n integer) is 'Transition of market.rsi: {result, changes seen, previous close, mean gain, mean loss, changes of zero in a row}.';
comment on function market.scaled(amount numeric, numerator numeric, denominator numeric) is 'amount × numerator / denominator, rounded half up to 12 decimals; the amount itself, untouched, when the numerator is null.';
comment on function market.seasonality_by_hour(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'One row per hour of the day in which final hourly candles open in [from, to): how many, the average of their returns 100 (close / open - 1), how many of them rise in per cent, and their average volume to 8 decimals, null when none is reported. The hour is told in time_zone: that of the exchange, UTC for crypto and where no zone is known. In no order.';
comment on function market.seasonality_by_weekday(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'One row per weekday (1 is Monday, 7 Sunday) of the final daily candles dated in [from, to): the average of their returns against the close before, as market.daily_closes(), and how many of them rise in per cent. In no order.';
comment on function market.series_health(wanted_source market.source, as_of timestamp with time zone, wanted_from timestamp with time zone) is 'How each loaded series of the active instruments of a source stands at an instant: freshness_at(), and find_completeness() summed over the months of [from, as_of). One row a series, those without a candle in the window with nulls in its figures. A source or from that is null limits nothing; without from every candle is read.';
comment on function market.session_name(kind text, exchange_timezone text) is 'The trading hours of an instrument by its kind and the zone of its exchange, as sessionOf() in market/session.ts: us_stocks, round_the_clock, forex or unknown.';
comment on aggregate market.sma(value double precision, n integer) is 'Simple moving average: the mean of the last n values (J. J. Murphy 1999, "Technical Analysis of the Financial Markets"). Null before there are n and where n < 1. A value that is null, NaN or infinite gives null and is left out. avg(value) over (… rows n-1 preceding) is faster, but not null at the begin.';
comment on function market.sma_step(state double precision[], value double precision, n integer) is 'Transition of market.sma: {result, values seen, the last n values in a ring}.';
comment on function market.span_summary(wanted_source market.source, as_of timestamp with time zone, wanted_span text) is 'Breadth and class performance over one span (1h, 24h, 7d, 30d, ytd, 1y) as of an instant, one row per kind and one over all of them (kind is null), without stale prices (market.stale_prices()), whose changes are of another day: stale says how many are left out. instruments counts the active ones, known those whose change is known and current; the rest as market.breadth() and market.class_performance(), which count stale prices too. In no order.';
comment on function market.splits_without_jump(since timestamp with time zone) is 'Recorded splits of 1.4:1 and more since then at which the daily candles do not jump: what lies before was adjusted by the provider, though raw prices are asked for.';
comment on function market.stale_prices(wanted_source market.source, as_of timestamp with time zone) is 'The active instruments of a source whose latest price (market.price_changes()) is older than their market lets it be: the series of the candle that it is from lacks the next candle that the calendar promises, 90 minutes after that ended (market.freshness_at()). A price of a closed market is not stale, nor is one whose other series lag behind it. A source that is null limits nothing.';
comment on aggregate market.stochastic(high double precision, low double precision, close double precision, n integer) is 'Raw stochastic oscillator, 0 to 100: 100 × (close - lowest low) / (highest high - lowest low) of the last n candles (G. C. Lane 1984, "Lane''s Stochastics"). Null before there are n, over a range of zero and where n < 1. A candle with a price that is null, NaN or infinite gives null and is left out. The slow %K is its mean over 3 rows, %D the mean of %K over 3.';
comment on function market.stochastic_step(state double precision[], high double precision, low double precision, close double precision, n integer) is 'Transition of market.stochastic: {result, candles seen, high and low of the last n in a ring}.';
comment on function market.suspected_splits_since(since timestamp with time zone) is 'market.suspected_splits, of candles that opened and restatements that were met since then; what lies before is not read.';
comment on function market.text_likeness(one text, other text) is 'How alike two words are, 0 to 1, whatever their case: the share of pairs of neighbouring letters that they have in common, their ends counted as letters (Dice, 1945, on bigrams). 1 for the same word, 0.8 for AAPL and APPL.';
comment on function market.trading_date(opened_at timestamp with time zone, session_name text, exchange_timezone text) is 'The date of the trading day in which an intraday candle opens: the UTC date round the clock, the date at the exchange for stocks, and for forex the date on which the day that began at 17:00 New York ends. session_name as market.session_name() says.';
comment on function market.turnover_by_currency(wanted_source market.source, as_of timestamp with time zone) is 'The money traded in the 24 hours before each latest price (market.last_24_hours()), one row per kind and currency, in that currency, of the instruments of which both are known: money of unknown currencies cannot be added. In no order.';
comment on function market.unrecorded_splits(since timestamp with time zone) is 'Final daily candles since then whose open is to the close before as after a usual split that is not in market.splits. n:1 and 1:n of 2 to 8, 10, 15, 20, 25, 30, 50 and 100: within 6 %, when not more than 4 times the money of the day before was traded, as in a crash or a take-over. 3:2, 4:3 and their reverse: within 1.5 %, when the money traded is known and 0.4 to 1.5 times that. Finer splits (5:4) cannot be told from a bad day. A false alarm ends with a recorded split of 1:1.';
comment on aggregate market.vwap(high double precision, low double precision, close double precision, volume double precision) is 'Volume-weighted average price, in the unit of the prices: the sum of (high + low + close) / 3 × volume by that of the volumes, since the window''s begin (S. A. Berkowitz, D. E. Logue, E. A. Noser 1988, "The Total Cost of Transactions on the NYSE"; typical price as usual on charts). Null while no volume was traded, and from a volume that is null, NaN or infinite on. A price that is null, NaN or infinite gives null and its candle is left out.';
comment on function market.vwap_series(wanted_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'As market.vwap at each candle that opened in [wanted_from, wanted_to), from the open of its session for intervals below a day and from wanted_from otherwise; NaN where that is null.';
comment on function market.vwap_step(state double precision[], high double precision, low double precision, close double precision, volume double precision) is 'Transition of market.vwap: {result, volume so far, volume times price so far}.';
comment on function market.warmed_up_candles(wanted_instrument_id integer, wanted_interval market.candle_interval, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'The candles that opened in [wanted_from, wanted_to) and up to 600 before them, as market.candles_adjusted has them, numbered from 1; is_wanted tells which is which. After 600 candles the begin of the slowest indicator, adx_14, weighs less than 1e-15.';
comment on aggregate market.wilder(value double precision, n integer) is 'Wilder''s smoothed mean: (mean × (n - 1) + value) / n, begun with the mean of the first n values (J. W. Wilder 1978, "New Concepts in Technical Trading Systems"). Null before there are n and where n < 1. A value that is null, NaN or infinite gives null and is left out.';
comment on function market.wilder_step(state double precision[], value double precision, n integer) is 'Transition of market.wilder: {result, values seen, mean so far}.';
comment on aggregate market.wma(value double precision, n integer) is 'Linearly weighted moving average of the last n values: (n × newest + … + 1 × oldest) / (n (n + 1) / 2) (J. J. Murphy 1999). Null before there are n and where n < 1. A value that is null, NaN or infinite gives null and is left out.';
comment on function market.wma_step(state double precision[], value double precision, n integer) is 'Transition of market.wma: {result, values seen, the last n values in a ring}.';
comment on function market.yearly_returns(wanted_instrument_id integer, wanted_from timestamp with time zone, wanted_to timestamp with time zone) is 'One row per calendar year that has final daily candles dated in [from, to): its last close against the last one before the year (first_on), which is what its monthly returns compound to, in per cent. Bounds, a first year and gaps as in market.monthly_returns(). In no order.';
