-- Everything lives in schema market (made by the migrator), so that it can share a database.

comment on schema market is
  'Chandlery: market candles from the provider, kept once, and every figure computed from them.';

create domain market.candle_interval as text
  constraint candle_interval_is_known check (value in (
    '1min', '5min', '15min', '30min', '45min', '1h', '2h', '4h', '8h', '1day', '1week', '1month'
  ));
comment on domain market.candle_interval is
  'How long a candle lasts, as in market/interval.ts: 1min … 1month.';

create domain market.source as text
  constraint source_is_known check (value in ('twelve_data', 'simulator', 'import'));
comment on domain market.source is
  'Where candles come from. Simulated ones are never mixed with real ones.';

create table market.instruments (
  id integer generated always as identity,
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
  session_closes time,
  is_active boolean not null default true,
  created_at timestamptz not null,
  constraint instruments_pkey primary key (id),
  constraint instruments_symbol_is_unique_per_source unique (source, symbol),
  constraint instruments_slug_is_unique_per_source unique (source, slug),
  constraint instruments_kind_is_known
    check (kind in ('stock', 'etf', 'index', 'forex', 'crypto', 'commodity'))
);
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
comment on column market.instruments.session_closes is
  'When the regular session ends, local time of the exchange; null when trading has no daily close.';
comment on column market.instruments.is_active is 'False once it was deactivated: it is no longer shown, its candles stay.';
comment on column market.instruments.created_at is 'When it was first loaded.';
