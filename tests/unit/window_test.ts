import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_PAGE, planRequests } from "../../etl/window.ts";
import { intervalDurationMs, INTERVALS } from "../../market/interval.ts";

const interval = fc.constantFrom(...INTERVALS);
const instant = fc.date({
  min: new Date("2000-01-01T00:00:00Z"),
  max: new Date("2050-01-01T00:00:00Z"),
  noInvalidDate: true,
}).map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));

Deno.test("planRequests() asks for the newest candles of a series that was never loaded", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const plan = (interval: "1h" | "1day" | "15min" | "1min") =>
    planRequests({ interval, rereadFrom: null }, now);
  assert.deepEqual(plan("1h"), [{ interval: "1h", outputSize: 744 }]);
  assert.deepEqual(plan("1day"), [{ interval: "1day", outputSize: 732 }]);
  assert.deepEqual(plan("15min"), [{ interval: "15min", outputSize: 2976 }]);
  assert.deepEqual(plan("1min"), [{ interval: "1min", outputSize: MAX_PAGE }]);
});

Deno.test("planRequests() covers the time since the re-read with neither hole nor overlap", () => {
  fc.assert(fc.property(
    interval,
    instant,
    fc.integer({ min: 0, max: 4 * 365 * 24 * 3600 }),
    (interval, rereadFrom, seconds) => {
      const now = new Date(rereadFrom.getTime() + seconds * 1000);
      const requests = planRequests({ interval, rereadFrom }, now);
      assert.deepEqual(requests[0]?.start, rereadFrom);
      assert.deepEqual(requests.at(-1)?.end, now);
      for (const [index, request] of requests.entries()) {
        assert.ok(request.start! <= request.end!);
        const next = requests[index + 1];
        if (next) assert.equal(next.start!.getTime() - request.end!.getTime(), 1000);
        const most = (request.end!.getTime() - request.start!.getTime() + 1000) /
          intervalDurationMs(interval);
        assert.ok(
          most <= request.outputSize && request.outputSize < MAX_PAGE,
          `${most} candles do not fit a page`,
        );
      }
    },
  ));
});

Deno.test("planRequests() asks for nothing before the re-read is due", () => {
  const rereadFrom = new Date("2026-11-22T12:00:01Z");
  assert.deepEqual(
    planRequests({ interval: "1h", rereadFrom }, new Date("2026-11-22T12:00:00Z")),
    [],
  );
});
