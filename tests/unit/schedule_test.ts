import assert from "node:assert/strict";
import { firingsBetween, nextFiring } from "../../etl/schedule.ts";

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
