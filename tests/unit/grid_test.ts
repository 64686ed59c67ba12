import assert from "node:assert/strict";
import { gridOf } from "../../market/grid.ts";
import { type Interval, INTERVALS } from "../../market/interval.ts";
import { candleOpens, type Session, sessionOf } from "../../market/session.ts";

const US = sessionOf("stock", "America/New_York");
const CRYPTO = sessionOf("crypto", null);
const FOREX = sessionOf("forex", null);
const UNKNOWN = sessionOf("stock", "Asia/Kolkata");

const isOnGrid = (time: string, interval: Interval, session: Session) =>
  gridOf(interval, session)(Date.parse(time));

Deno.test("gridOf() takes every candle that a session expects, through both clock changes", () => {
  const [from, to] = [new Date("2025-10-20T00:00:00Z"), new Date("2026-04-10T00:00:00Z")];
  for (const session of [US, CRYPTO, FOREX]) {
    for (const interval of INTERVALS) {
      const test = gridOf(interval, session);
      const refused = candleOpens(from, to, interval, session).filter((at) => !test(at.getTime()));
      assert.deepEqual(refused, [], `${session.name} ${interval}`);
    }
  }
});

Deno.test("gridOf() counts the longer candles of US stocks from 09:30 New York, in summer and winter", () => {
  assert.ok(isOnGrid("2026-07-01T13:30:00Z", "4h", US));
  assert.ok(!isOnGrid("2026-07-01T14:30:00Z", "4h", US));
  assert.ok(isOnGrid("2026-01-05T14:30:00Z", "4h", US));
  assert.ok(!isOnGrid("2026-01-05T13:30:00Z", "4h", US));
  assert.ok(isOnGrid("2026-01-05T15:15:00Z", "45min", US));
  assert.ok(!isOnGrid("2026-01-05T15:30:00Z", "45min", US));
  assert.ok(!isOnGrid("2026-01-05T15:00:00Z", "1h", US));
  assert.ok(isOnGrid("2026-01-03T15:30:00Z", "1h", US), "whether it is a trading day or not");
});

Deno.test("gridOf() refuses minutes and seconds between the candles", () => {
  assert.ok(!isOnGrid("2026-01-05T15:00:30Z", "1min", US));
  assert.ok(!isOnGrid("2026-01-05T15:02:00Z", "5min", FOREX));
  assert.ok(!isOnGrid("2026-01-05T15:15:00Z", "30min", CRYPTO));
  assert.ok(!isOnGrid("2026-01-05T01:00:00Z", "2h", CRYPTO));
});

Deno.test("gridOf() asks of forex no more than whole hours, as its longer candles shift", () => {
  for (const interval of ["2h", "4h", "8h"] as const) {
    assert.ok(isOnGrid("2026-01-05T15:00:00Z", interval, FOREX));
    assert.ok(!isOnGrid("2026-01-05T15:30:00Z", interval, FOREX));
  }
});

Deno.test("gridOf() asks of an unknown session no more than a quarter of an hour", () => {
  assert.ok(isOnGrid("2026-01-05T03:45:00Z", "1h", UNKNOWN));
  assert.ok(!isOnGrid("2026-01-05T03:50:00Z", "1h", UNKNOWN));
  assert.ok(isOnGrid("2026-01-05T03:50:00Z", "5min", UNKNOWN));
});

Deno.test("gridOf() wants a whole date for a day or longer", () => {
  for (const session of [US, CRYPTO, FOREX, UNKNOWN]) {
    assert.ok(isOnGrid("2026-01-03T00:00:00Z", "1day", session));
    assert.ok(!isOnGrid("2026-01-05T14:30:00Z", "1day", session));
    assert.ok(isOnGrid("2026-01-06T00:00:00Z", "1week", session));
  }
});
