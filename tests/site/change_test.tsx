/** A change as it is drawn. */
import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { Change } from "../../components/Change.tsx";
import { Sparkline } from "../../components/Sparkline.tsx";

Deno.test("What a change reads as decides its arrow, its sign and its colour", () => {
  const change = renderToString(<Change percent={-0.004} amount="-0.004" />);
  assert.match(change, /class="change flat".*■.*>0\.00<.*>0\.00 %</);
  const line = (change: number | null) =>
    renderToString(<Sparkline values={[100, 101]} label="" change={change} />);
  assert.match(line(0.004), /class="sparkline flat"/);
  assert.match(line(-0.006), /class="sparkline down"/);
  assert.match(line(null), /class="sparkline up"/, "by its ends");
});
