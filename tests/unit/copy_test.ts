import assert from "node:assert/strict";
import { copyText } from "../../db/copy.ts";

Deno.test("copyText() writes a line per row and keeps what has a meaning of its own apart", () => {
  assert.equal(copyText([["1.5", null, ""], ["t", "2", "x"]]), "1.5\t\\N\t\nt\t2\tx\n");
  assert.equal(copyText([["\\N", "a\tb", "c\nd\re"]]), "\\\\N\ta\\tb\tc\\nd\\re\n");
  assert.equal(copyText([]), "");
});
