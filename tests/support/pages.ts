/** Every page of a filled site, for what must hold on each: its weight, its speed, its caching. */

/** An address of every page; `tests/site/weight_test.ts` fails when a route has none here. */
export const PAGES = [
  "/",
  "/instruments/AAPL",
  "/instruments/BTC-USD?interval=1day",
  "/stocks",
  "/crypto",
  "/forex",
  "/compare",
  "/compare?symbols=AAPL,BTC-USD,EUR-USD",
  "/search?q=a",
  "/pipeline",
  "/pipeline/rejects",
] as const;

/** An address of every answer of the API. */
export const API = [
  "/api/v1/instruments",
  "/api/v1/instruments?search=a",
  "/api/v1/candles?symbol=AAPL&interval=1h&limit=500",
  "/api/v1/chart?symbol=AAPL&interval=1h&limit=1000&indicators=sma_20,rsi_14",
] as const;
