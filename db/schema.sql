-- Schema market as the migrations leave it. Generated: run `deno task db:schema`.
-- Read it to know the schema; change the schema with a new file in db/migrations.

create domain market.candle_interval as text
  constraint candle_interval_is_known CHECK ((VALUE = ANY (ARRAY['1min'::text, '5min'::text, '15min'::text, '30min'::text, '45min'::text, '1h'::text, '2h'::text, '4h'::text, '8h'::text, '1day'::text, '1week'::text, '1month'::text])));

create domain market.source as text
  constraint source_is_known CHECK ((VALUE = ANY (ARRAY['twelve_data'::text, 'simulator'::text, 'import'::text])));

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
  constraint instruments_kind_is_known CHECK ((kind = ANY (ARRAY['stock'::text, 'etf'::text, 'index'::text, 'forex'::text, 'crypto'::text, 'commodity'::text]))),
  constraint instruments_pkey PRIMARY KEY (id),
  constraint instruments_slug_is_unique_per_source UNIQUE (source, slug),
  constraint instruments_symbol_is_unique_per_source UNIQUE (source, symbol)
);

create table market.rejects (
  id bigint generated always as identity not null,
  run_id bigint not null,
  instrument_id integer not null,
  candle_interval market.candle_interval not null,
  reason text not null,
  payload jsonb not null,
  rejected_at timestamp with time zone not null,
  constraint rejects_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint rejects_pkey PRIMARY KEY (id)
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
  constraint run_steps_failure_says_why CHECK (((status = 'failed'::text) = (error IS NOT NULL))),
  constraint run_steps_instrument_exists FOREIGN KEY (instrument_id) REFERENCES market.instruments(id),
  constraint run_steps_pkey PRIMARY KEY (id),
  constraint run_steps_run_exists FOREIGN KEY (run_id) REFERENCES market.runs(id) ON DELETE CASCADE,
  constraint run_steps_status_is_known CHECK ((status = ANY (ARRAY['ok'::text, 'failed'::text])))
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
  constraint runs_trigger_is_known CHECK ((trigger = ANY (ARRAY['start'::text, 'cron'::text, 'manual'::text])))
);

create table market.schema_migrations (
  version bigint not null,
  name text,
  md5 text,
  run_at timestamp with time zone,
  constraint schema_migrations_pkey PRIMARY KEY (version)
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

CREATE UNIQUE INDEX rejects_row_is_kept_once ON market.rejects USING btree (instrument_id, candle_interval, md5((reason || (payload)::text)));

CREATE INDEX run_steps_by_run ON market.run_steps USING btree (run_id, id);

CREATE INDEX runs_by_start ON market.runs USING btree (source, started_at DESC);

CREATE OR REPLACE FUNCTION market.candle_closes_at(wanted market.candle_interval, opened_at timestamp with time zone, exchange_timezone text, session_closes time without time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((wanted)::text = '1month'::text) THEN ((date_trunc('month'::text, (opened_at AT TIME ZONE 'UTC'::text)) + '1 mon'::interval) AT TIME ZONE 'UTC'::text) WHEN (((wanted)::text = '1week'::text) OR (session_closes IS NULL) OR (exchange_timezone IS NULL)) THEN (opened_at + market.interval_duration(wanted)) WHEN ((wanted)::text = '1day'::text) THEN ((((opened_at AT TIME ZONE 'UTC'::text))::date + session_closes) AT TIME ZONE exchange_timezone) ELSE LEAST((opened_at + market.interval_duration(wanted)), ((((opened_at AT TIME ZONE exchange_timezone))::date + session_closes) AT TIME ZONE exchange_timezone)) END;

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

comment on schema market is 'Chandlery: market candles from the provider, kept once, and every figure computed from them.';
comment on domain market.candle_interval is 'How long a candle lasts, as in market/interval.ts: 1min … 1month.';
comment on domain market.source is 'Where candles come from. Simulated ones are never mixed with real ones.';
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
comment on view market.daily_returns is 'Simple return of each final daily candle against the one stored before it, in per cent: 100 (close / previous close - 1). The first candle has none.';
comment on column market.daily_returns.instrument_id is 'The instrument.';
comment on column market.daily_returns.traded_on is 'The date of the daily candle.';
comment on column market.daily_returns.return_percent is 'Return in per cent; null for the first.';
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
comment on table market.rejects is 'Every row of the provider that did not pass, once per series, reason and payload.';
comment on column market.rejects.id is 'Our own number of the reject.';
comment on column market.rejects.run_id is 'The run that met it first.';
comment on column market.rejects.instrument_id is 'The instrument it was fetched for.';
comment on column market.rejects.candle_interval is 'The interval it was fetched for.';
comment on column market.rejects.reason is 'The rule that it breaks, with the value.';
comment on column market.rejects.payload is 'The row as the provider sent it.';
comment on column market.rejects.rejected_at is 'When it was met first.';
comment on table market.run_steps is 'One row per run and series (instrument and interval) in it.';
comment on column market.run_steps.id is 'Number of the step.';
comment on column market.run_steps.run_id is 'The run.';
comment on column market.run_steps.instrument_id is 'The instrument; null when the provider did not know the symbol.';
comment on column market.run_steps.symbol is 'The symbol that was asked for.';
comment on column market.run_steps.candle_interval is 'The interval that was asked for.';
comment on column market.run_steps.status is 'ok or failed.';
comment on column market.run_steps.window_from is 'Begin of the window asked for; null for the newest candles of a first load.';
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
comment on table market.runs is 'One row per run of the ETL.';
comment on column market.runs.id is 'Number of the run.';
comment on column market.runs.source is 'The source that it loaded from.';
comment on column market.runs.trigger is 'What began it: start, cron or manual.';
comment on column market.runs.status is 'running; ok: all steps; partial: some; failed: none, or it was stopped; interrupted: its process ended.';
comment on column market.runs.started_at is 'When it began.';
comment on column market.runs.finished_at is 'When it ended; null while it runs.';
comment on column market.runs.duration_ms is 'How long it took, in milliseconds.';
comment on column market.runs.error is 'What stopped the run as a whole; null when nothing did.';
comment on table market.watermarks is 'One row per loaded series: how far it reaches. Committed together with the candles.';
comment on column market.watermarks.instrument_id is 'The instrument.';
comment on column market.watermarks.candle_interval is 'The interval of the series.';
comment on column market.watermarks.newest_final_at is 'Open time of the newest final candle; null while only a forming one is there.';
comment on column market.watermarks.oldest_at is 'Open time of the oldest candle.';
comment on column market.watermarks.is_history_exhausted is 'True once the provider is known to have nothing older.';
comment on function market.candle_closes_at(wanted market.candle_interval, opened_at timestamp with time zone, exchange_timezone text, session_closes time without time zone) is 'The instant a candle ends: one interval after it opened, or when the session closes before that. Half days count as whole ones.';
comment on function market.figures(wanted_instrument_id integer, as_of timestamp with time zone) is 'Key figures of one instrument as of an instant: latest price and its changes over real time; high, low and units traded of the 24 hours before it, from candles of an hour or shorter; 52-week range from daily candles; the oldest candle stored.';
comment on function market.finest_interval(wanted_instrument_id integer, longest interval) is 'The shortest stored interval of an instrument, no longer than asked for; null when there is none.';
comment on function market.interval_duration(wanted market.candle_interval) is 'The longest that a candle of this interval lasts; a month counts 31 days.';
comment on function market.overview(wanted_source market.source, as_of timestamp with time zone) is 'Every active instrument of a source with its latest price, the changes over real time and a line of at most 60 closes of the last 7 days, as of an instant.';
comment on function market.price_at(wanted_instrument_id integer, at timestamp with time zone) is 'The last price known at an instant, and since when: the close of the newest candle of any interval that had ended by then, or of the forming one that had been loaded by then. No row when none had.';
comment on function market.price_changes(wanted_instrument_id integer, as_of timestamp with time zone) is 'The latest price and its change over the 24 hours, 7 days and 30 days of real time before it, in currency and in per cent; null where no price is known that long before.';
