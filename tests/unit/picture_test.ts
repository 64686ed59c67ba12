import assert from "node:assert/strict";
import { placeNames } from "../../islands/price_chart/picture.ts";

Deno.test("placeNames() begins a new row where the picture ends", () => {
  assert.deepEqual(placeNames([50, 60, 40], 200), [
    { x: 12, row: 1 },
    { x: 74, row: 1 },
    { x: 146, row: 1 },
  ]);
  assert.deepEqual(placeNames([50, 60, 43, 20], 200), [
    { x: 12, row: 1 },
    { x: 74, row: 1 },
    { x: 12, row: 2 },
    { x: 67, row: 2 },
  ]);
  assert.deepEqual(placeNames([300], 200), [{ x: 12, row: 1 }], "one that is too long anyway");
  assert.deepEqual(placeNames([], 200), []);
});
