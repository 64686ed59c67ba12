import assert from "node:assert/strict";
import { askUncompiled } from "../../db/uncompiled.ts";
import { forEachDatabase } from "../support/databases.ts";

forEachDatabase("askUncompiled() turns compiling off for its question alone", async ({ sql }) => {
  const [asked] = await askUncompiled(sql, (tx) => tx`select current_setting('jit') as jit`);
  assert.equal(asked?.jit, "off");
  const later = await Promise.all(Array.from({ length: 8 }, () => sql`show jit`));
  assert.deepEqual(
    later.map(([row]) => row?.jit),
    Array(8).fill("on"),
    "as it was, on each connection",
  );
  await assert.rejects(
    askUncompiled(sql, (tx) => tx`create table market.extra (id int)`),
    /read-only transaction/,
  );
});
