import assert from "node:assert/strict";
import { ensureAdminToken, isAdminToken } from "../../db/admin.ts";
import { forEachDatabase } from "../support/databases.ts";

const NOW = new Date("2026-11-22T12:00:00Z");

forEachDatabase("The admin token is told once, and only its digest is kept", async ({ sql }) => {
  assert.equal(await isAdminToken(sql, ""), false, "before there is one");
  const token = await ensureAdminToken(sql, NOW);
  assert.match(token ?? "", /^[\w-]{43}$/, "32 bytes in base64url");
  assert.equal(await ensureAdminToken(sql, NOW), null, "the next start");
  assert.equal(await isAdminToken(sql, token!), true);
  for (const wrong of ["", token!.slice(1), `${token} `, token!.toUpperCase()]) {
    assert.equal(await isAdminToken(sql, wrong), false);
  }
  const rows = await sql`select to_jsonb(t) as row from market.admin_tokens t`;
  assert.equal(rows.length, 1);
  assert.ok(!JSON.stringify(rows).includes(token!), "the token is not in the database");
});

forEachDatabase("Of many starts at once one makes the admin token", async ({ sql }) => {
  const tokens = await Promise.all(Array.from({ length: 8 }, () => ensureAdminToken(sql, NOW)));
  const [made, ...others] = tokens.filter((token) => token !== null);
  assert.equal(others.length, 0);
  assert.equal(await isAdminToken(sql, made!), true);
});

forEachDatabase(
  "The setting ADMIN_TOKEN stands in for the token that was made",
  async ({ sql }) => {
    const configured = "a token of the operator";
    assert.equal(await isAdminToken(sql, configured, configured), true, "none was made");
    const made = await ensureAdminToken(sql, NOW);
    assert.equal(await isAdminToken(sql, made!, configured), false);
    assert.equal(await isAdminToken(sql, configured), false, "once the setting is taken away");
  },
);
