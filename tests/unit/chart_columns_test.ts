import assert from "node:assert/strict";
import {
  type Columns,
  columnsOfPage,
  fill,
  firstAfter,
  type Page,
  prepend,
} from "../../islands/price_chart/columns.ts";
import { createHistory, type LoadState } from "../../islands/price_chart/history.ts";
import type { PageRequest } from "../../islands/price_chart/request.ts";

/** Candles at the times `from`, … , `to`: each close is its time, each indicator ten times that. */
function page(from: number, to: number, names: string[] = [], isStart = from === 1): Page {
  const times = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const compared = names.includes("compare") ? times.map((time) => time * 100) : null;
  return {
    times,
    opens: times,
    highs: times,
    lows: times,
    closes: times,
    volumes: times.map(() => null),
    indicators: Object.fromEntries(
      names.filter((name) => name !== "compare")
        .map((name) => [name, times.map((time) => time * 10)]),
    ),
    compared,
    isStart,
  };
}

const extra = (columns: Columns, name: string) => columns.extras.get(name)!;

Deno.test("prepend() puts an older page in front, with its indicators", () => {
  const columns = prepend(
    columnsOfPage(page(3, 4, ["sma_20"]), null),
    page(1, 2, ["sma_20"]),
    null,
  );
  assert.deepEqual(columns.times, [1, 2, 3, 4]);
  assert.deepEqual(columns.closes, [1, 2, 3, 4]);
  assert.deepEqual(extra(columns, "sma_20"), { values: [10, 20, 30, 40], known: 4 });
  assert.equal(columns.isStart, true);
});

Deno.test("prepend() remembers what it does not know of the older candles", () => {
  const columns = prepend(columnsOfPage(page(3, 4, ["sma_20"]), null), page(1, 2), null);
  assert.deepEqual(extra(columns, "sma_20"), { values: [null, null, 30, 40], known: 2 });
});

Deno.test("fill() takes a column by its times, and leaves a newer candle out", () => {
  const columns = fill(columnsOfPage(page(2, 4), null), page(3, 5, ["sma_20"], false), null);
  assert.deepEqual(columns.times, [2, 3, 4]);
  assert.deepEqual(extra(columns, "sma_20"), { values: [null, 30, 40], known: 2 });
  const whole = fill(columns, page(2, 2, ["sma_20"], false), null);
  assert.deepEqual(extra(whole, "sma_20"), { values: [20, 30, 40], known: 3 });
  const compared = fill(columns, page(1, 4, ["compare"]), "BTC-USD");
  assert.deepEqual(extra(compared, "compare BTC-USD").values, [200, 300, 400]);
});

Deno.test("firstAfter() finds the first time after another", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((time) => firstAfter([1, 3, 5], time)), [0, 1, 1, 2, 3]);
});

/** A history over candles 1 … 100,000 whose requests are answered one by one. */
function startHistory(names: string[] = [], onColumns = () => {}) {
  const requests: PageRequest[] = [];
  const answers: { resolve: (page: Page) => void; reject: (cause: Error) => void }[] = [];
  const signals: AbortSignal[] = [];
  const states: LoadState[] = [];
  const history = createHistory({
    first: page(99_251, 100_000, names),
    wanted: { indicators: names, compare: null },
    series: { symbol: "BTC/USD", interval: "1h" },
    request: (request, signal) => {
      requests.push(request);
      signals.push(signal);
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
    onColumns,
    onState: (state) => states.push(state),
  });
  const answer = async () => {
    const { before, limit, indicators, compare } = requests.at(-1)!;
    const names = [...indicators, ...compare === null ? [] : ["compare"]];
    answers.at(-1)!.resolve(page(Math.max(1, before - limit), before - 1, names));
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { history, requests, answers, signals, states, answer };
}

Deno.test("A history asks for one page at a time, and for larger ones as it goes back", async () => {
  const { history, requests, answer, states } = startHistory();
  for (const limit of [1000, 2000, 4000, 5000, 5000]) {
    const oldest = history.columns().times[0]!;
    history.reachBack();
    history.reachBack();
    assert.equal(requests.at(-1)!.limit, limit);
    assert.equal(requests.at(-1)!.before, oldest);
    await answer();
    assert.equal(history.columns().times[0], oldest - limit);
  }
  assert.equal(requests.length, 5);
  assert.deepEqual(states.slice(0, 2), ["loading", "idle"]);
});

Deno.test("A history reaches back to a time, and no further than its start", async () => {
  const { history, requests, answer } = startHistory();
  history.reachBack(95_000);
  for (let turn = 0; turn < 3; turn++) await answer();
  assert.equal(history.columns().times[0], 92_251);
  assert.equal(requests.length, 3, "it is there");
  history.reachBack(-Infinity);
  while (!history.columns().isStart) await answer();
  assert.equal(history.columns().times.length, 100_000);
  const asked = requests.length;
  history.reachBack();
  assert.equal(requests.length, asked);
});

Deno.test("A column that is wanted later is asked for over all candles, newest first", async () => {
  const { history, requests, answer } = startHistory();
  history.reachBack(90_000);
  for (let turn = 0; turn < 4; turn++) await answer();
  const count = history.columns().times.length;
  history.want({ indicators: ["rsi_14"], compare: { slug: "AAPL", symbol: "AAPL" } });
  assert.deepEqual(requests.at(-1), {
    symbol: "BTC/USD",
    interval: "1h",
    indicators: ["rsi_14"],
    compare: "AAPL",
    before: 100_001,
    limit: 5000,
    isOlder: false,
  });
  for (let turn = 0; turn < 3; turn++) await answer();
  const { extras } = history.columns();
  assert.equal(extras.get("rsi_14")!.known, count);
  assert.equal(extras.get("compare AAPL")!.known, count);
  assert.equal(extras.get("rsi_14")!.values[0], history.columns().times[0]! * 10);
});

Deno.test("What is on its way for another view is called off", async () => {
  const { history, requests, signals, answers, answer } = startHistory();
  history.reachBack();
  history.want({ indicators: ["sma_20"], compare: null });
  assert.equal(signals[0]!.aborted, true);
  assert.deepEqual(requests.at(-1)!.indicators, ["sma_20"]);
  await answer();
  answers[0]!.resolve(page(1, 1));
  await answer();
  assert.equal(history.columns().times[0], 98_251, "then the page is asked for again");
  history.reachBack();
  history.end();
  assert.equal(signals.at(-1)!.aborted, true);
});

Deno.test("A failure is told, and nothing is asked again before Retry", async () => {
  const { history, requests, answers, states, answer } = startHistory();
  history.reachBack();
  answers[0]!.reject(new Error("503"));
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(states.at(-1), "failed");
  history.reachBack();
  assert.equal(requests.length, 1);
  history.retry();
  assert.equal(requests.length, 2);
  await answer();
  assert.equal(states.at(-1), "idle");
  assert.equal(history.columns().times[0], 98_251);
});

Deno.test("A failure to draw is no failure to load: it is thrown, and candles go on coming", async () => {
  const thrown: string[] = [];
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    thrown.push(event.reason.message);
  };
  addEventListener("unhandledrejection", onRejection);
  try {
    const { history, requests, states, answer } = startHistory([], () => {
      throw new Error("Value is null");
    });
    history.reachBack(98_000);
    await answer();
    assert.deepEqual(thrown, ["Value is null"]);
    assert.equal(requests.length, 2);
    await answer();
    assert.deepEqual(states, ["loading", "idle"]);
  } finally {
    removeEventListener("unhandledrejection", onRejection);
  }
});
