import assert from "node:assert/strict";
import { brokenCandleRule } from "../../market/candle.ts";
import { OperatorError } from "../../market/errors.ts";
import { FAULT_KINDS, type FaultKind, makeFaults, parseFault } from "../../simulator/faults.ts";
import { serveSimulator } from "../../simulator/serve.ts";
import { createSimulator, type SimulatorOptions } from "../../simulator/simulator.ts";

const now = () => new Date("2026-11-20T17:47:23Z");
const SERIES = "/time_series?symbol=AAPL&interval=1h&timezone=UTC&order=asc";
const BATCH = "/time_series?symbol=AAPL,MSFT,META&interval=1h";

/** Asks again and again a simulator in which this fault always happens. */
function faulty(kind: FaultKind, options: SimulatorOptions = {}) {
  const simulator = createSimulator({ now, faults: { [kind]: 1 }, ...options });
  return (path: string, signal?: AbortSignal) =>
    simulator.fetch(new Request(`http://simulator${path}`, { signal }));
}

async function healthy(path: string) {
  return await (await createSimulator({ now }).fetch(new Request(`http://simulator${path}`)))
    .json();
}

type Row = Record<string, unknown>;

/** The rows of ten answers under a fault, and those of an answer without one. */
async function rowsUnder(kind: FaultKind): Promise<{ right: Row[]; answers: Row[][] }> {
  const ask = faulty(kind);
  const answers: Row[][] = [];
  for (let i = 0; i < 10; i++) answers.push((await (await ask(SERIES)).json()).values);
  return { right: (await healthy(SERIES)).values, answers };
}

Deno.test("each kind of fault happens at its rate, whatever other kinds are on", () => {
  for (const kind of FAULT_KINDS) {
    const next = makeFaults({ [kind]: 0.3 }, 1);
    const hits = Array.from({ length: 2000 }, next).filter((fault) => fault?.kind === kind).length;
    assert.ok(hits > 520 && hits < 680, `${kind}: ${hits} of 2000`);
  }
  const all = makeFaults(Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0.3])), 1);
  const kinds = Array.from({ length: 6000 }, () => all()?.kind);
  for (const kind of FAULT_KINDS) {
    const hits = kinds.filter((hit) => hit === kind).length;
    assert.ok(hits > 400 && hits < 600, `${kind}: ${hits} of 6000`);
  }
});

Deno.test("the same seed makes the same faults, another seed others", () => {
  const kinds = (seed: number) => {
    const next = makeFaults({ "500": 0.3, nan: 0.3 }, seed);
    return Array.from({ length: 50 }, () => next()?.kind);
  };
  assert.deepEqual(kinds(1), kinds(1));
  assert.notDeepEqual(kinds(1), kinds(2));
});

Deno.test("without faults nothing goes wrong, and a rate of 0 is none", async () => {
  const simulator = createSimulator({ now, faults: { "500": 0 } });
  const response = await simulator.fetch(new Request(`http://simulator${SERIES}`));
  assert.deepEqual(await response.json(), await healthy(SERIES));
});

Deno.test("429 and 500 are the provider's errors, 502_html is a proxy's page", async () => {
  const spent = await faulty("429", { credits: { perMinute: 8 } })(SERIES);
  assert.equal(spent.status, 429);
  assert.equal(spent.headers.get("Api-Credits-Left"), "7", "though credits are left");
  assert.match((await spent.json()).message, /^You have run out of API credits for the current/);
  const broken = await faulty("500")(SERIES);
  assert.deepEqual([broken.status, (await broken.json()).code], [500, 500]);
  const proxy = await faulty("502_html")(SERIES);
  assert.equal(proxy.status, 502);
  assert.equal(proxy.headers.get("content-type"), "text/html");
  assert.match(await proxy.text(), /^<html>/);
  for (const { headers } of [spent, broken, proxy]) {
    assert.equal(headers.get("Chandlery-Simulator"), "seed=1");
  }
});

Deno.test("timeout answers never: it ends with the request's signal", async () => {
  const stop = new AbortController();
  const answer = faulty("timeout")(SERIES, stop.signal);
  const first = await Promise.race([answer, Promise.resolve("nothing yet")]);
  assert.equal(first, "nothing yet");
  stop.abort();
  await assert.rejects(answer, { name: "BrokenOff" });
  await assert.rejects(faulty("timeout")(SERIES, AbortSignal.abort()), { name: "BrokenOff" });
});

Deno.test("cut breaks off in the middle of the body, cut_json in the middle of the JSON", async () => {
  const whole = JSON.stringify(await healthy(SERIES));
  const cut = await faulty("cut")(SERIES);
  assert.equal(cut.status, 200);
  const reader = cut.body!.getReader();
  const { value } = await reader.read();
  const begun = new TextDecoder().decode(value);
  assert.ok(begun.length > 0 && begun.length < whole.length && whole.startsWith(begun));
  await assert.rejects(reader.read(), { name: "BrokenOff" });
  const ask = faulty("cut_json");
  for (let i = 0; i < 10; i++) {
    const text = await (await ask(SERIES)).text();
    assert.ok(text.length < whole.length && whole.startsWith(text));
    assert.throws(() => JSON.parse(text), SyntaxError);
  }
});

Deno.test("on a socket a cut connection fails the body and a time-out holds the connection", async () => {
  const cutting = serveSimulator({ port: 0, now, faults: { cut: 1 } });
  const response = await fetch(cutting.url + SERIES);
  assert.equal(response.status, 200);
  await assert.rejects(response.text());
  await cutting.shutdown();
  const holding = serveSimulator({ port: 0, now, faults: { timeout: 1 } });
  await assert.rejects(
    fetch(holding.url + SERIES, { signal: AbortSignal.timeout(50) }),
    { name: "TimeoutError" },
  );
  const held = fetch(holding.url + SERIES).then((answer) => answer.body?.cancel());
  await holding.shutdown();
  await held.catch(() => {});
});

Deno.test("wrong_types and nan spoil one to three rows and leave the others", async () => {
  const seen = new Set<string>();
  for (const kind of ["wrong_types", "nan"] as const) {
    const { right, answers } = await rowsUnder(kind);
    for (const rows of answers) {
      assert.equal(rows.length, right.length);
      const wrong = rows.filter((row, i) => JSON.stringify(row) !== JSON.stringify(right[i]));
      assert.ok(wrong.length >= 1 && wrong.length <= 3, `${wrong.length} rows`);
      for (const row of wrong) {
        for (const [field, value] of Object.entries(row)) {
          if (typeof value !== "string") seen.add(field);
          else if (value === "NaN") seen.add("NaN");
        }
      }
    }
  }
  assert.deepEqual([...seen].sort(), ["NaN", "close", "datetime", "high", "low", "open", "volume"]);
});

Deno.test("duplicate repeats one to three rows with other values that would be a good candle", async () => {
  const { right, answers } = await rowsUnder("duplicate");
  const texts = new Set(right.map((row) => JSON.stringify(row)));
  let before = 0;
  for (const rows of answers) {
    const copies = rows.filter((row) => !texts.has(JSON.stringify(row)));
    assert.ok(copies.length >= 1 && copies.length <= 3);
    assert.equal(rows.length, right.length + copies.length);
    for (const copy of copies) {
      const original = rows.find((row) => row !== copy && row.datetime === copy.datetime)!;
      assert.notEqual(copy.close, original.close);
      assert.equal(brokenCandleRule(copy as never), null);
      if (rows.indexOf(copy) < rows.indexOf(original)) before++;
    }
  }
  assert.ok(before > 0, "the copy may come first, so that its place does not give it away");
});

Deno.test("shuffled keeps all rows, in another order", async () => {
  const { right, answers } = await rowsUnder("shuffled");
  const sorted = (rows: Row[]) =>
    rows.toSorted((a, b) => String(a.datetime) < String(b.datetime) ? -1 : 1);
  for (const rows of answers) {
    assert.notDeepEqual(rows, right);
    assert.deepEqual(sorted(rows), right);
  }
});

Deno.test("other_symbol answers another instrument with its meta, empty answers no data", async () => {
  const ask = faulty("other_symbol");
  for (let i = 0; i < 5; i++) {
    const body = await (await ask(SERIES)).json();
    assert.notEqual(body.meta.symbol, "AAPL");
    assert.equal(body.meta.interval, "1h");
    assert.equal(body.values.length, 30);
  }
  const empty = await faulty("empty")(SERIES);
  assert.deepEqual([empty.status, (await empty.json()).status], [400, "error"]);
});

Deno.test("in a batch a fault of the candles hits all symbols or one alone", async () => {
  const right = await healthy(BATCH);
  const ask = faulty("empty");
  const counts = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const response = await ask(BATCH);
    assert.equal(response.status, 200);
    const body = await response.json();
    const failed = Object.keys(right).filter((symbol) => body[symbol].status === "error");
    for (const symbol of Object.keys(right)) {
      if (!failed.includes(symbol)) assert.deepEqual(body[symbol], right[symbol]);
    }
    counts.add(failed.length);
  }
  assert.deepEqual([...counts].sort(), [1, 3]);
  assert.equal((await faulty("500")(BATCH)).status, 500);
});

Deno.test("parseFault() reads a kind and its rate, and says what is wrong with another", () => {
  assert.deepEqual(parseFault("429=0.3"), { "429": 0.3 });
  assert.deepEqual(parseFault("502_html=1"), { "502_html": 1 });
  assert.deepEqual(parseFault("nan=.05"), { nan: 0.05 });
  const wrong: [string, RegExp][] = [
    ["404=0.3", /^Cannot simulate the fault "404": it must be one of 429, 500, /],
    ["", /^Cannot simulate the fault "": it must be one of /],
    [
      "nan",
      /^Cannot simulate the fault "nan": its rate must be a number from 0 to 1, as nan=0\.3$/,
    ],
    ["nan=2", /its rate must be a number from 0 to 1/],
    ["nan=-0.1", /its rate must be a number from 0 to 1/],
    ["nan=0.1=1", /its rate must be a number from 0 to 1/],
  ];
  for (const [text, message] of wrong) {
    assert.throws(() => parseFault(text), (error: Error) => {
      assert.ok(error instanceof OperatorError);
      assert.match(error.message, message);
      return true;
    });
  }
});
