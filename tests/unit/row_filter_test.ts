import assert from "node:assert/strict";
import { isMatch } from "../../islands/row_filter.ts";

const BITCOIN = { symbol: "BTC/USD", name: "Bitcoin US Dollar", kind: "crypto" };

Deno.test("isMatch() finds part of the symbol or of the name, whatever its case", () => {
  for (const q of ["", "  ", "btc", "/usd", "coin us", " BITCOIN "]) {
    assert.equal(isMatch(BITCOIN, { q, kind: "" }), true, q);
  }
  assert.equal(isMatch(BITCOIN, { q: "ether", kind: "" }), false);
});

Deno.test("isMatch() wants the kind as well where one is chosen", () => {
  assert.equal(isMatch(BITCOIN, { q: "btc", kind: "crypto" }), true);
  assert.equal(isMatch(BITCOIN, { q: "btc", kind: "forex" }), false);
});

Deno.test("isMatch() takes an instrument without a name by its symbol", () => {
  const nameless = { ...BITCOIN, name: null };
  assert.equal(isMatch(nameless, { q: "btc", kind: "" }), true);
  assert.equal(isMatch(nameless, { q: "null", kind: "" }), false);
});
