import assert from "node:assert/strict";
import { describeSchedule, firingsBetween, nextFiring, nextFirings } from "../../etl/schedule.ts";

const NOW = new Date("2026-11-24T22:02:00Z");

Deno.test("firingsBetween() leaves out its begin and holds its end", () => {
  const midnight = new Date("2026-11-25T00:00:00Z");
  assert.deepEqual(firingsBetween("2 * * * *", NOW, midnight), [new Date("2026-11-24T23:02:00Z")]);
  assert.deepEqual(firingsBetween("0 * * * *", NOW, midnight), [
    new Date("2026-11-24T23:00:00Z"),
    midnight,
  ]);
});

Deno.test("Days of the week count as Deno.cron counts them: 1 is Sunday", () => {
  assert.deepEqual(nextFiring("0 9 * * 1", NOW), new Date("2026-11-29T09:00:00Z"));
  assert.deepEqual(nextFiring("0 9 * * MON", NOW), new Date("2026-11-30T09:00:00Z"));
});

Deno.test("A date that never comes has no next firing", () => {
  assert.equal(nextFiring("0 0 30 2 *", NOW), null);
});

Deno.test("nextFirings() are as many as asked for, or as there are", () => {
  assert.deepEqual(nextFirings("30 */12 * * *", NOW, 3), [
    new Date("2026-11-25T00:30:00Z"),
    new Date("2026-11-25T12:30:00Z"),
    new Date("2026-11-26T00:30:00Z"),
  ]);
  assert.deepEqual(nextFirings("0 0 30 2 *", NOW, 3), []);
});

Deno.test("describeSchedule() says when, and counts the days of the week as Deno.cron does", () => {
  assert.equal(describeSchedule("2 * * * *"), "At 2 minutes past the hour");
  assert.equal(describeSchedule("*/15 * * * *"), "Every 15 minutes");
  assert.equal(describeSchedule("5 18 * * 2-6"), "At 18:05, Monday through Friday");
  assert.equal(describeSchedule("5 18 * * MON-FRI"), "At 18:05, Monday through Friday");
});
