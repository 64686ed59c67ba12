import assert from "node:assert/strict";
import { askUncompiled } from "../../db/uncompiled.ts";
import { forEachDatabase } from "../support/databases.ts";

forEachDatabase("askUncompiled() turns compiling off for its question alone", async ({ sql }) => {
  await sql`set jit = on`;
  const [asked] = await askUncompiled(sql, (tx) => tx`select current_setting('jit') as jit`);
  assert.equal(asked?.jit, "off");
  const later = await Promise.all(Array.from({ length: 8 }, () => sql`show jit`));
  assert.ok(later.some(([row]) => row?.jit === "on"), "the connection is as it was");
  await assert.rejects(
    askUncompiled(sql, (tx) => tx`create table market.extra (id int)`),
    /read-only transaction/,
  );
});
