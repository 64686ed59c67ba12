import assert from "node:assert/strict";
import { createSimulator, type SimulatorOptions } from "../../simulator/simulator.ts";

/** A simulator with a clock that the test sets, and what it answers in brief. */
function startAt(time: string, credits: SimulatorOptions["credits"]) {
  let nowMs = Date.parse(time);
  const simulator = createSimulator({ now: () => new Date(nowMs), credits });
  return {
    passSeconds: (seconds: number) => nowMs += seconds * 1000,
    async ask(symbols: string) {
      const response = await simulator.fetch(
        new Request(`http://simulator/price?symbol=${symbols}`),
      );
      const header = (name: string) => Number(response.headers.get(`Api-Credits-${name}`));
      const { message } = await response.json();
      return {
        status: response.status,
        message,
        credits: [header("Used"), header("Left"), header("Request")],
      };
    },
  };
}

Deno.test("a request costs a credit a symbol, and the headers say so, on failure too", async () => {
  const { ask } = startAt("2026-11-20T12:00:00Z", { perMinute: 8 });
  assert.deepEqual((await ask("AAPL")).credits, [1, 7, 1]);
  assert.deepEqual((await ask("AAPL,MSFT,NOPE")).credits, [4, 4, 3]);
  const unknown = await ask("NOPE");
  assert.deepEqual([unknown.status, ...unknown.credits], [404, 5, 3, 1]);
});

Deno.test("a batch beyond the limit is refused whole, counts, and is told in the recorded words", async () => {
  const { ask, passSeconds } = startAt("2026-11-20T12:00:30Z", { perMinute: 8 });
  const batch = await ask("A1,A2,A3,A4,A5,A6,A7,A8,A9,A10,A11,A12");
  const { code, message } = JSON.parse(
    await Deno.readTextFile(
      new URL(
        "../fixtures/twelve_data/recorded__error_429_minute_basic.json",
        import.meta.url,
      ),
    ),
  );
  assert.deepEqual([batch.status, batch.message], [code, message]);
  assert.deepEqual(batch.credits, [12, 0, 12]);
  assert.match((await ask("AAPL")).message, /13 API credits were used/);
  passSeconds(30);
  assert.equal((await ask("AAPL")).status, 200);
});

Deno.test("the minute is the clock's, or the last 60 s in the other reading", async () => {
  for (const [minuteWindow, status] of [["fixed", 200], ["sliding", 429]] as const) {
    const { ask, passSeconds } = startAt("2026-11-20T12:00:59Z", { perMinute: 1, minuteWindow });
    assert.equal((await ask("AAPL")).status, 200);
    passSeconds(1);
    assert.equal((await ask("AAPL")).status, status, minuteWindow);
    passSeconds(60);
    assert.equal((await ask("AAPL")).status, 200, minuteWindow);
  }
});

Deno.test("the day's credits end until midnight UTC", async () => {
  const { ask, passSeconds } = startAt("2026-11-20T23:58:00Z", { perMinute: 8, perDay: 3 });
  assert.equal((await ask("AAPL,MSFT,META")).status, 200);
  passSeconds(60);
  const refused = await ask("AAPL");
  assert.equal(refused.status, 429);
  assert.ok(refused.message.startsWith(
    "You have run out of API credits for the day. 4 API credits were used, with the current limit being 3.",
  ));
  passSeconds(60);
  assert.equal((await ask("AAPL")).status, 200);
});

Deno.test("without limits nothing is refused", async () => {
  const { ask } = startAt("2026-11-20T12:00:00Z", undefined);
  for (let i = 0; i < 100; i++) assert.equal((await ask("AAPL,MSFT")).status, 200);
});
