/** market.indicators() agrees with another implementation, with the aggregates, and with itself. */
import assert from "node:assert/strict";
import {
  ATR,
  BollingerBands,
  DonchianChannels,
  DX,
  EMA,
  type HighLowClose,
  MACD,
  OBV,
  ROC,
  RSI,
  SMA,
  StochasticOscillator,
  VWAP,
  WMA,
  WSMA,
} from "trading-signals";
import type { Candle } from "../../market/candle.ts";
import { forEachDatabase } from "../support/databases.ts";
import {
  assertClose,
  candlesOf,
  type IndicatorRow,
  readIndicators,
  storeSeries,
  wanderingCandles,
} from "../support/indicators.ts";
import { AAPL, realCandles } from "../support/market.ts";

const DAY_MS = 86_400_000;

/** The package's EMA, which would begin with the first value, begun with the mean of the first n. */
class MeanFirstEma extends EMA {
  readonly #mean = new SMA(this.interval);

  override update(value: number, replace: boolean): number {
    if (this.#mean.isStable) return super.update(value, replace);
    const mean = this.#mean.update(value, replace);
    return mean === null ? NaN : super.update(mean, replace);
  }
}

/** The package's mean of Wilder without the first candle, which has no true range and movement yet. */
class SecondCandleWsma extends WSMA {
  #begun = false;

  override update(value: number, replace: boolean): number | null {
    if (this.#begun) return super.update(value, replace);
    this.#begun = true;
    return null;
  }
}

/**
 * The bars as the package's DX must see them. A bar that went as far up as down counts both ways there,
 * and not at all with Wilder: it is made to stand still. The true range cancels out in DX.
 */
function withoutTies(bars: HighLowClose[]): HighLowClose[] {
  let shift = 0;
  return bars.map((bar, i) => {
    const previous = bars[i - 1] ?? bar;
    const up = bar.high - previous.high;
    if (up === previous.low - bar.low) shift += up;
    return { ...bar, high: bar.high - shift, low: bar.low + shift };
  });
}

/** The indicators that the package npm:trading-signals computes, by column. NaN: not known yet. */
function independentIndicators(candles: Candle[]): Record<string, (number | null | undefined)[]> {
  const bars = candles.map((each) => ({
    open: Number(each.open),
    high: Number(each.high),
    low: Number(each.low),
    close: Number(each.close),
    volume: Number(each.volume),
  }));
  const closes = bars.map((bar) => bar.close);
  const macd = new MACD(new MeanFirstEma(12), new MeanFirstEma(26), new MeanFirstEma(9))
    .updates(closes);
  const bands = new BollingerBands(20, 2).updates(closes);
  const channels = new DonchianChannels(20).updates(bars);
  // It gives no %K without %D, so the first ones are those of a %D over 1.
  const [slowK, slowD] = [1, 3].map((dPeriod) =>
    new StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod }).updates(bars)
  );
  const directionalIndex = new DX(14, SecondCandleWsma).updates(withoutTies(bars));
  const meanIndex = new WSMA(14);
  return {
    sma20: new SMA(20).updates(closes),
    sma50: new SMA(50).updates(closes),
    sma200: new SMA(200).updates(closes),
    ema12: new MeanFirstEma(12).updates(closes),
    ema20: new MeanFirstEma(20).updates(closes),
    ema26: new MeanFirstEma(26).updates(closes),
    wma20: new WMA(20).updates(closes),
    macd: macd.map((line) => line?.macd),
    macdSignal: macd.map((line) => line?.signal),
    macdHistogram: macd.map((line) => line?.histogram),
    rsi14: new RSI(14).updates(closes),
    bollingerMiddle: bands.map((band) => band?.middle),
    bollingerUpper: bands.map((band) => band?.upper),
    bollingerLower: bands.map((band) => band?.lower),
    atr14: new ATR(14, SecondCandleWsma).updates(bars),
    stochasticK: slowK!.map((line) => line?.stochK),
    stochasticD: slowD!.map((line) => line?.stochD),
    // It has none for the first candle, where ours begins with 0.
    obv: new OBV(2).updates(bars).map((volume) => volume ?? 0),
    vwap: new VWAP().updates(bars),
    roc20: new ROC(20).updates(closes).map((change) => change === null ? null : 100 * change),
    donchianUpper: channels.map((channel) => channel?.upper),
    donchianLower: channels.map((channel) => channel?.lower),
    adx14: directionalIndex.map((index) => index === null ? null : meanIndex.add(index)),
  };
}

for (const file of ["aapl_1day_2015-2017.csv", "spx_1day_2000-2020.csv"]) {
  forEachDatabase(`Every indicator agrees with trading-signals over ${file}`, async ({ sql }) => {
    const candles = realCandles(file);
    const rows = await readIndicators(sql, await storeSeries(sql, "1day", candles, AAPL));
    assert.deepEqual(rows.map((row) => row.openedAt), candles.map((each) => each.openedAt));
    const expected = independentIndicators(candles);
    const columns = Object.keys(rows[0]!);
    assert.deepEqual(columns.slice(6), Object.keys(expected));
    for (const [column, values] of Object.entries(expected)) {
      assert.equal(values.length, rows.length, column);
      for (const [i, row] of rows.entries()) {
        const value = Number.isNaN(values[i]) ? null : values[i];
        const message = `${column} of ${candles[i]!.openedAt.toISOString()}`;
        assertClose(row[column], value, 1e-8, Number(row.close), message);
      }
    }
  });
}

/** Columns of market.indicators() and how the public aggregates make the same. */
const BY_AGGREGATE = `
  select
    i.opened_at, i.close,
    i.sma_20, market.sma(i.close, 20) over w as sma_20_too,
    i.sma_50, market.sma(i.close, 50) over w as sma_50_too,
    i.sma_200, market.sma(i.close, 200) over w as sma_200_too,
    i.ema_12, market.ema(i.close, 12) over w as ema_12_too,
    i.ema_20, market.ema(i.close, 20) over w as ema_20_too,
    i.ema_26, market.ema(i.close, 26) over w as ema_26_too,
    i.wma_20, market.wma(i.close, 20) over w as wma_20_too,
    i.macd_signal, market.ema(i.macd, 9) over w as macd_signal_too,
    i.rsi_14, market.rsi(i.close, 14) over w as rsi_14_too,
    i.bollinger_upper, market.sma(i.close, 20) over w + 2 * case
      when count(*) over w >= 20 then stddev_pop(i.close) over (w rows 19 preceding) end
      as bollinger_upper_too,
    i.atr_14, market.atr(i.high, i.low, i.close, 14) over w as atr_14_too,
    i.adx_14, market.adx(i.high, i.low, i.close, 14) over w as adx_14_too,
    i.stochastic_k, market.sma(i.raw, 3) over w as stochastic_k_too,
    i.stochastic_d, market.sma(i.stochastic_k, 3) over w as stochastic_d_too,
    i.obv, market.obv(i.close, i.volume) over w as obv_too,
    i.vwap, market.vwap(i.high, i.low, i.close, i.volume) over w as vwap_too,
    i.roc_20, market.roc(i.close, 20) over w as roc_20_too
  from (
    select r.*, market.stochastic(r.high, r.low, r.close, 14) over (order by r.opened_at) as raw
    from market.indicators($1, '1day', null, null) r
  ) i
  window w as (order by i.opened_at)
  order by i.opened_at`;

forEachDatabase("The columns are what the aggregates say", async ({ sql }) => {
  const wandering = wanderingCandles("2020-01-01T00:00:00Z", DAY_MS, 300);
  // Then the price stands still for longer than RSI and ADX remember.
  const flat = candlesOf("2020-10-27T00:00:00Z", DAY_MS, Array(230).fill(wandering.at(-1)!.close));
  const candles = [...wandering, ...flat.map((each) => ({ ...each, volume: "0" }))];
  const { instrumentId } = await storeSeries(sql, "1day", candles);
  const rows = await sql.unsafe<IndicatorRow[]>(BY_AGGREGATE, [instrumentId]);
  assert.equal(rows.length, 530);
  assert.ok(rows[494]!.rsi14 !== null && rows[495]!.rsi14 === null, "196 changes of zero");
  for (const [i, row] of rows.entries()) {
    for (const column of Object.keys(row).filter((name) => `${name}Too` in row)) {
      assertClose(row[`${column}Too`], row[column], 1e-11, Number(row.close), `${column} ${i}`);
    }
  }
});

/** What a page must have in common with the whole: all but what begins with the page. */
const BEGINS_WITH_THE_PAGE = ["openedAt", "obv", "vwap"];

function assertPageIsTail(page: IndicatorRow[], whole: IndicatorRow[], scale = 1) {
  const tail = whole.slice(-page.length);
  for (const [i, row] of page.entries()) {
    assert.deepEqual(row.openedAt, tail[i]!.openedAt);
    for (const column of Object.keys(row).slice(6)) {
      if (BEGINS_WITH_THE_PAGE.includes(column)) continue;
      const message = `${column} of ${row.openedAt.toISOString()}`;
      assertClose(row[column], tail[i]![column], 1e-9, Number(row.close) * scale, message);
    }
  }
}

forEachDatabase("A page is the tail of the whole, to 1e-9, wherever it starts", async ({ sql }) => {
  const candles = wanderingCandles("2001-01-01T00:00:00Z", DAY_MS, 2000);
  const series = await storeSeries(sql, "1day", candles);
  const whole = await readIndicators(sql, series);
  assert.equal(whole.length, 2000);
  for (const start of [1, 13, 27, 33, 34, 150, 200, 599, 600, 601, 900, 1500, 1999]) {
    const page = await readIndicators(sql, series, candles[start]!.openedAt.toISOString());
    assert.equal(page.length, 2000 - start);
    assertPageIsTail(page, whole);
  }
});

forEachDatabase("A real page needs no longer warm-up, in a crash neither", async ({ sql }) => {
  const series = await storeSeries(sql, "1day", realCandles("spx_1day_2000-2020.csv"), AAPL);
  const whole = await readIndicators(sql, series);
  for (const from of ["2008-10-13T00:00:00Z", "2020-03-16T00:00:00Z"]) {
    assertPageIsTail(await readIndicators(sql, series, from), whole);
  }
});

forEachDatabase(
  "A page in a price that stands still says what the whole says",
  async ({ sql }) => {
    // A flat stretch longer than the warm-up, between two that move. ATR and ADX fade to nothing in
    // it, so 1e-9 is of a hundredth of the price.
    const moving = wanderingCandles("2001-01-01T00:00:00Z", DAY_MS, 300);
    const price = moving.at(-1)!.close;
    const flat = candlesOf("2001-10-28T00:00:00Z", DAY_MS, Array(900).fill(price));
    const after = candlesOf("2004-04-15T00:00:00Z", DAY_MS, [1, 2, 3].map((n) => +price + n));
    const series = await storeSeries(sql, "1day", [...moving, ...flat, ...after]);
    const whole = await readIndicators(sql, series);
    for (
      const start of [305, 400, 494, 495, 496, 600, 895, 899, 900, 950, 1100, 1195, 1200, 1202]
    ) {
      assertPageIsTail(
        await readIndicators(sql, series, whole[start]!.openedAt.toISOString()),
        whole,
        1e4,
      );
    }
  },
);
