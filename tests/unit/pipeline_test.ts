import assert from "node:assert/strict";
import { prefetch } from "../../etl/pipeline.ts";

/** Items that note when they are made, and the end. */
async function* noting(log: string[], count: number, failAt = Infinity) {
  try {
    for (let item = 0; item < count; item++) {
      await Promise.resolve();
      if (item === failAt) throw new Error(`no item ${item}`);
      log.push(`made ${item}`);
      yield item;
    }
  } finally {
    log.push("ended");
  }
}

const turn = () => new Promise((done) => setTimeout(done));

Deno.test("prefetch() gives the same items, and makes one ahead while one is used", async () => {
  const log: string[] = [];
  for await (const item of prefetch(noting(log, 3))) {
    await turn();
    log.push(`used ${item}`);
  }
  assert.deepEqual(
    log,
    ["made 0", "made 1", "used 0", "made 2", "used 1", "ended", "used 2"],
  );
});

Deno.test("prefetch() fails after the items before the failure are used", async () => {
  const log: string[] = [];
  await assert.rejects(async () => {
    for await (const item of prefetch(noting(log, 3, 1))) {
      await turn();
      log.push(`used ${item}`);
    }
  }, /no item 1/);
  assert.deepEqual(log, ["made 0", "ended", "used 0"]);
});

Deno.test("prefetch() ends what it reads when nobody wants more, failure or not", async () => {
  for (const failAt of [Infinity, 1]) {
    const log: string[] = [];
    for await (const item of prefetch(noting(log, 9, failAt))) {
      log.push(`used ${item}`);
      break;
    }
    assert.ok(log.includes("ended"));
    assert.ok(!log.includes("made 2"));
  }
});
