/** The governor on a real database: by the clock of the test, against the simulator's counting. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Sql } from "../../db/connect.ts";
import { listCreditWindows } from "../../db/credits.ts";
import { finishRun, startRun } from "../../db/runs.ts";
import { createCredits, type Credits, type CreditsOptions } from "../../etl/credits.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import { TerminalError } from "../../market/errors.ts";
import { createSimulator } from "../../simulator/simulator.ts";
import { forEachDatabase } from "../support/databases.ts";
import { assertWithin } from "../support/credits.ts";
import { DAILY } from "../support/twelve_data.ts";
import { createVirtualClock, type VirtualClock } from "../support/virtual_clock.ts";

const NOON = new Date("2026-11-24T12:00:17Z");
const TODAY = new Date("2026-11-24T00:00:00Z");
const TOMORROW = new Date("2026-11-25T00:00:00Z");
const MINUTE_MS = 60_000;

function governor(sql: Sql, clock: VirtualClock, options: Partial<CreditsOptions> = {}): Credits {
  const { now, wait } = clock;
  return createCredits({
    sql,
    source: "twelve_data",
    perMinute: 8,
    perDay: 800,
    now,
    wait,
    ...options,
  });
}

/** A governor whose clock stands still: what would wait fails. */
function still(sql: Sql, options: Partial<CreditsOptions> = {}, now = NOON): Credits {
  const wait = () => Promise.reject(new Error("it would wait"));
  return createCredits({
    sql,
    source: "twelve_data",
    perMinute: 8,
    perDay: 800,
    now: () => now,
    wait,
    ...options,
  });
}

async function dayGone(promise: Promise<unknown>, says: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof TerminalError && error.reason === "day_credits", String(error));
    assert.deepEqual(error.resumesAt, TOMORROW);
    assert.match(error.message, says);
    return true;
  });
}

const SYMBOLS = Array.from({ length: 50 }, (_, index) => `S${index}`);
const LATENCY_MS = 200;

/** Loads of 50 symbols by processes that share a key, each with a governor of its own. */
function sharedLoad(sql: Sql, clock: VirtualClock, minuteWindow: "fixed" | "sliding") {
  const { fetch } = createSimulator({
    now: clock.now,
    credits: { perMinute: 8, perDay: 800, minuteWindow },
  });
  const load = {
    left: [...SYMBOLS],
    charged: 0,
    refused: 0,
    /** A process that ends when no more than `stopAt` symbols are left. */
    async process(stopAt: number): Promise<void> {
      await run(stopAt, () => false);
    },
    /** A process that is killed in a request once no more than `killAt` symbols are left. */
    async killedProcess(killAt: number): Promise<void> {
      const isKilled = () => load.left.length <= killAt;
      await assert.rejects(run(0, isKilled), /killed/);
    },
  };

  async function run(stopAt: number, isKilled: () => boolean): Promise<void> {
    const credits = governor(sql, clock, { source: "simulator" });
    const ending: Pick<Credits, "take"> = {
      async take(cost, options) {
        const { settle } = await credits.take(cost, options);
        return {
          credits: cost,
          settle: (...said) => isKilled() ? Promise.resolve() : settle(...said),
        };
      },
    };
    const client = simulatedClient(clock, ending, async (request) => {
      await clock.wait(LATENCY_MS / 2);
      const response = await fetch(request);
      load.charged += Number(response.headers.get("Api-Credits-Request"));
      if (response.status === 429) load.refused++;
      await clock.wait(LATENCY_MS / 2);
      if (isKilled()) throw new Error("killed");
      return response;
    }, 1);
    while (load.left.length > stopAt) {
      const batch = load.left.splice(0, await credits.affordable(load.left.length));
      await client.fetchTimeSeriesBatch(batch, DAILY).catch((error) => {
        load.left.push(...batch);
        throw error;
      });
    }
  }
  return load;
}

for (const minuteWindow of ["fixed", "sliding"] as const) {
  for (const processes of [1, 2]) {
    forEachDatabase(
      `50 symbols on 8 credits a minute (${minuteWindow}), ${processes} at it and two restarts: no 429, in 1.1 of the least time`,
      async ({ sql }) => {
        const clock = createVirtualClock(NOON);
        const load = sharedLoad(sql, clock, minuteWindow);
        const restarted = async () => {
          await load.process(34);
          if (processes === 1) await load.killedProcess(18);
          await load.process(0);
        };
        const killed = async () => {
          await load.killedProcess(SYMBOLS.length);
          await load.process(0);
        };
        await clock.run(...processes === 1 ? [restarted] : [restarted, killed]);
        assert.equal(load.left.length, 0);
        assert.equal(load.refused, 0, "no 429");
        assert.equal(load.charged, 58, "the killed request cost 8 credits and brought nothing");
        const leastMs = (Math.ceil(load.charged / 8) - 1) * MINUTE_MS;
        const ratio = (clock.now().getTime() - NOON.getTime()) / leastMs;
        console.log(
          `${minuteWindow}, ${processes}: ${ratio.toFixed(3)} of the least possible time`,
        );
        assert.ok(ratio <= 1.1, `${ratio} of the least possible time`);
      },
    );
  }
}

/** What a process asks for, one request after the other. */
const requests = fc.array(
  fc.record({
    pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40_000 })),
    cost: fc.integer({ min: 1, max: 8 }),
    isHistory: fc.boolean(),
    latencyMs: fc.integer({ min: 0, max: 30_000 }),
    countedAfter: fc.double({ min: 0, max: 1, noNaN: true }),
    /** The process ends after the request: it settles before, or not. */
    end: fc.constantFrom("none", "none", "none", "stop", "kill"),
  }),
  { minLength: 3, maxLength: 10 },
);

forEachDatabase(
  "two governors never exceed minute or day under any schedule, through restarts",
  async ({ sql }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(requests, requests),
        fc.integer({ min: -240_000, max: 0 }),
        async (schedules, startMs) => {
          await sql`truncate market.credit_windows`;
          const clock = createVirtualClock(new Date(TOMORROW.getTime() + startMs));
          const counted: { atMs: number; cost: number }[] = [];
          const open = () =>
            governor(sql, clock, { perDay: 40, reserve: () => Promise.resolve(5) });
          await clock.run(...schedules.map((schedule) => async () => {
            let credits = open();
            for (const { pauseMs, cost, isHistory, latencyMs, countedAfter, end } of schedule) {
              await clock.wait(pauseMs);
              const lease = await credits.take(cost, { priority: isHistory ? "history" : "fresh" })
                .catch((error) => {
                  assert.ok(
                    error instanceof TerminalError && error.reason === "day_credits",
                    error,
                  );
                });
              if (!lease) continue;
              const countedMs = Math.round(latencyMs * countedAfter);
              counted.push({ atMs: clock.now().getTime() + countedMs, cost });
              if (end !== "kill") {
                await clock.wait(latencyMs);
                await lease.settle(null);
              }
              if (end !== "none") credits = open();
            }
          }));
          assertWithin(counted, 8, 40);
          const { minutes } = await listCreditWindows(sql, "twelve_data", TODAY);
          assert.ok(minutes.length <= 20, "old windows are pruned");
        },
      ),
      { numRuns: 25 },
    );
  },
);

forEachDatabase(
  "a governor never counts its own credits as another's, whatever the provider's minute is",
  async ({ sql }) => {
    for (const minuteWindow of ["fixed", "sliding"] as const) {
      await sql`truncate market.credit_windows`;
      const clock = createVirtualClock(NOON);
      const load = sharedLoad(sql, clock, minuteWindow);
      await clock.run(() => load.process(0), () => load.process(0));
      const { days } = await listCreditWindows(sql, "simulator", TODAY);
      assert.deepEqual(days.map(({ credits, toldPerMinute }) => [credits, toldPerMinute]), [[
        50,
        8,
      ]]);
    }
  },
);

forEachDatabase(
  "many takes at once, over as many connections, get what the minute has and no more",
  async ({ sql }) => {
    const credits = [still(sql), still(sql)];
    const takes = Array.from({ length: 20 }, (_, index) => credits[index % 2]!.take(1));
    const outcomes = await Promise.allSettled(takes);
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 8);
    assert.equal(credits[0]!.spent + credits[1]!.spent, 8);
    assert.deepEqual(await still(sql).left(), { minute: 0, day: 792, resumesAt: null });
  },
);

forEachDatabase(
  "a take that has to wait says so once, ends with its signal, and has taken nothing",
  async ({ sql }) => {
    const clock = createVirtualClock(NOON);
    const told: unknown[] = [];
    await clock.run(async () => {
      const onWait = (waitMs: number, until: Date) => void told.push([waitMs, until.toISOString()]);
      const credits = governor(sql, clock, { onWait });
      await credits.take(8);
      assert.deepEqual(await credits.estimateEnd(9), new Date("2026-11-24T12:02:19.000Z"));
      await credits.take(2);
      // The one never settled holds its credits until its time-out and a minute have passed.
      assert.equal(clock.now().toISOString(), "2026-11-24T12:01:48.000Z");
      const stop = AbortSignal.abort(new Error("stopped"));
      await assert.rejects(credits.take(8, { signal: stop }), /stopped/);
      assert.deepEqual(await credits.left(), { minute: 6, day: 790, resumesAt: null });
    });
    assert.deepEqual(told, [[61_000, "2026-11-24T12:01:18.000Z"]]);
  },
);

forEachDatabase(
  "affordable() is how many can be taken at once, and takes none",
  async ({ sql }) => {
    const credits = still(sql);
    assert.equal(await credits.affordable(50), 8);
    assert.equal(await credits.affordable(3), 3);
    await credits.take(6);
    assert.equal(await credits.affordable(50), 2);
    await credits.take(2);
    await assert.rejects(credits.affordable(50), /would wait/);
  },
);

forEachDatabase(
  "a day without credits ends the asking until 00:00 UTC, also after a restart",
  async ({ sql }) => {
    await still(sql, { perDay: 5 }).take(5);
    const credits = still(sql, { perDay: 5 });
    await dayGone(
      credits.take(1),
      /0 of the day's 5 credits are left\. It goes on at 2026-11-25 00:00 UTC/,
    );
    await dayGone(credits.affordable(3), /TWELVE_DATA_CREDITS_PER_DAY/);
    assert.deepEqual(await credits.left(), { minute: 3, day: 0, resumesAt: TOMORROW });
    assert.equal(credits.spent, 0);
    await still(sql, { perDay: 5 }, new Date("2026-11-25T00:00:01Z")).take(5);
    const { days } = await listCreditWindows(sql, "twelve_data", TODAY);
    assert.deepEqual(days.map(({ credits }) => credits), [5, 5], "a history of use");
    await still(sql, { perDay: null }).take(1);
  },
);

forEachDatabase("history leaves what is kept for the scheduled runs", async ({ sql }) => {
  const credits = still(sql, { perDay: 10, reserve: () => Promise.resolve(7) });
  assert.equal(await credits.affordable(8, { priority: "history" }), 3);
  await credits.take(3, { priority: "history" });
  await dayGone(
    credits.take(1, { priority: "history" }),
    /history as the day's last 7 credits are kept for the scheduled runs\. It goes on at 2026/,
  );
  await credits.take(5);
});

forEachDatabase(
  "history waits while another's run for what is new is under way, and no longer",
  async ({ sql }) => {
    const clock = createVirtualClock(NOON);
    const id = await startRun(sql, { source: "twelve_data", trigger: "cron", startedAt: NOON });
    await clock.run(async () => {
      const credits = governor(sql, clock, {
        onWait: () => assert.fail("the minute is not spent"),
      });
      await credits.take(1, { priority: "history", ownRunId: id });
      await credits.take(1);
      assert.deepEqual(clock.now(), NOON);
      await credits.take(1, { priority: "history" });
      assert.equal(clock.now().getTime() - NOON.getTime(), 20_000);
    }, async () => {
      await clock.wait(17_000);
      await finishRun(sql, id, { status: "ok", finishedAt: NOON, durationMs: 0, error: null });
    });
  },
);

forEachDatabase(
  "what someone else spends on the key is counted from the answer on",
  async ({ sql }) => {
    const credits = still(sql);
    const lease = await credits.take(2);
    await lease.settle({ used: 5, left: 3 });
    assert.deepEqual(await credits.left(), { minute: 3, day: 795, resumesAt: null });
    const again = await credits.take(1);
    await again.settle({ used: 6, left: 2 });
    assert.deepEqual(await credits.left(), { minute: 2, day: 794, resumesAt: null });
  },
);

forEachDatabase(
  "a smaller plan than the setting says is found out, and remembered by all",
  async ({ sql }) => {
    const credits = still(sql, { perMinute: 55 });
    const lease = await credits.take(1);
    await lease.settle({ used: 1, left: 7 });
    assert.equal((await still(sql, { perMinute: 55 }).left()).minute, 7);
    assert.equal(
      (await still(sql, { perMinute: 4 }).left()).minute,
      3,
      "never more than the setting",
    );
    await assert.rejects(credits.take(20), (error) => {
      assert.ok(error instanceof TerminalError && error.reason === "endpoint_plan");
      assert.match(error.message, /costs 20 credits at once as the plan's minute has 8\./);
      return true;
    });
    assert.equal(credits.spent, 1);
  },
);

forEachDatabase(
  "a refusal for the minute fills it, one for the day ends the day",
  async ({ sql }) => {
    const credits = still(sql);
    await (await credits.take(1)).settle(null, "minute_credits");
    assert.deepEqual(await credits.left(), { minute: 0, day: 799, resumesAt: null });
    await sql`truncate market.credit_windows`;
    await (await credits.take(1)).settle(null, "day_credits");
    await dayGone(still(sql).take(1), /0 of the day's 800/);
  },
);

forEachDatabase(
  "a refusal for the minute costs the day what its headers prove, and never more than a minute",
  async ({ sql }) => {
    const credits = still(sql);
    await (await credits.take(1)).settle({ used: 1, left: 7, perMinute: 1e6 }, "minute_credits");
    assert.deepEqual(await credits.left(), { minute: 0, day: 799, resumesAt: null });
    await sql`truncate market.credit_windows`;
    await (await credits.take(1)).settle({ used: 1e6, left: 0 }, "minute_credits");
    assert.deepEqual(await credits.left(), { minute: 0, day: 791, resumesAt: null });
  },
);

forEachDatabase(
  "a refusal for the minute while credits are left costs a minute and not the day",
  async ({ sql }) => {
    const clock = createVirtualClock(NOON);
    for (const limits of [{}, { perMinute: 10_000, perDay: 100_000 }]) {
      await sql`truncate market.credit_windows`;
      const start = clock.now();
      const faults = createSimulator({ now: clock.now, credits: limits, faults: { "429": 1 } });
      const served = createSimulator({ now: clock.now, credits: limits });
      let asked = 0;
      await clock.run(async () => {
        const credits = governor(sql, clock, {
          source: "simulator",
          perMinute: 10_000,
          perDay: 100_000,
        });
        const client = simulatedClient(
          clock,
          credits,
          (request) => (asked++ === 0 ? faults : served).fetch(request),
        );
        await client.fetchTimeSeriesBatch(["AAPL", "MSFT", "GOOGL"], DAILY);
        assert.equal(asked, 2);
        assert.equal(clock.now().getTime() - start.getTime(), 61_000);
        assert.equal((await credits.left()).day, 100_000 - 6);
      });
    }
  },
);

forEachDatabase(
  "a request that was never sent gives the minute and both its days their credits back",
  async ({ sql }) => {
    for (const now of [NOON, new Date(TOMORROW.getTime() - 10_000)]) {
      await sql`truncate market.credit_windows`;
      const credits = still(sql, {}, now);
      await (await credits.take(2)).settle(null);
      await (await credits.take(6)).settle(null, "not_sent");
      assert.deepEqual(await credits.left(), { minute: 6, day: 798, resumesAt: null });
      assert.equal(credits.spent, 2);
      const { days } = await listCreditWindows(sql, "twelve_data", TOMORROW);
      assert.deepEqual(days.map(({ credits }) => credits), now === NOON ? [] : [0]);
    }
  },
);

forEachDatabase(
  "a provider that cannot be reached costs neither credits nor minutes",
  async ({ sql }) => {
    const clock = createVirtualClock(NOON);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const baseUrl = `http://127.0.0.1:${listener.addr.port}`;
    listener.close();
    const credits = still(sql);
    const client = createTwelveDataClient({
      baseUrl,
      clock: { now: clock.now, sleep: () => Promise.resolve() },
      credits,
    });
    for (let series = 0; series < 5; series++) {
      await assert.rejects(client.fetchTimeSeries("AAPL", DAILY), /refused/i);
    }
    assert.deepEqual(await credits.left(), { minute: 8, day: 800, resumesAt: null });
    assert.equal(credits.spent, 0);
  },
);

forEachDatabase("take() and affordable() refuse what is no number of credits", async ({ sql }) => {
  for (const cost of [0, -1, 1.5, NaN]) {
    await assert.rejects(still(sql).take(cost), RangeError);
    await assert.rejects(still(sql).affordable(cost), RangeError);
  }
});

forEachDatabase(
  "when someone else has spent the minute, the request is repeated once and then succeeds",
  async ({ sql }) => {
    const clock = createVirtualClock(NOON);
    const simulator = createSimulator({ now: clock.now, credits: { perMinute: 8 } });
    const usage = new Request("http://simulator.test/api_usage");
    const statuses: number[] = [];
    await clock.run(async () => {
      for (let spent = 0; spent < 6; spent++) await simulator.fetch(usage);
      const credits = governor(sql, clock, { source: "simulator" });
      const client = simulatedClient(clock, credits, async (request) => {
        const response = await simulator.fetch(request);
        statuses.push(response.status);
        return response;
      });
      await client.fetchTimeSeriesBatch(["AAPL", "MSFT", "GOOGL"], DAILY);
      assert.deepEqual(statuses, [429, 200]);
      assert.equal(clock.now().getTime() - NOON.getTime(), 61_000);
      assert.equal((await credits.left()).day, 788, "the others' six count for the day as well");
    });
  },
);

forEachDatabase(
  "when the provider ends the day, nothing is asked again before the next one",
  async ({ sql }) => {
    const clock = createVirtualClock(NOON);
    const simulator = createSimulator({ now: clock.now, credits: { perDay: 2 } });
    let asked = 0;
    const credits = governor(sql, clock, { source: "simulator" });
    const client = simulatedClient(clock, credits, (request) => {
      asked++;
      return simulator.fetch(request);
    });
    await clock.run(async () => {
      await client.fetchTimeSeries("AAPL", DAILY);
      await client.fetchTimeSeries("AAPL", DAILY);
      await dayGone(client.fetchTimeSeries("AAPL", DAILY), /run out of API credits for the day/);
      await dayGone(client.fetchTimeSeries("AAPL", DAILY), /0 of the day's 800/);
      assert.equal(asked, 3);
      await clock.wait(TOMORROW.getTime() - NOON.getTime());
      await client.fetchTimeSeries("AAPL", DAILY);
      assert.equal(asked, 4);
    });
  },
);

forEachDatabase(
  "splits that cost more than the plan's minute are not asked for",
  async ({ sql }) => {
    const clock = createVirtualClock(NOON);
    const client = simulatedClient(clock, governor(sql, clock), () => assert.fail("it is sent"));
    await assert.rejects(client.fetchSplits("AAPL"), (error) => {
      assert.ok(error instanceof TerminalError && error.reason === "endpoint_plan");
      return true;
    });
  },
);

function simulatedClient(
  { now, wait }: VirtualClock,
  credits: Pick<Credits, "take">,
  fetch: (request: Request) => Promise<Response>,
  maxAttempts?: number,
) {
  return createTwelveDataClient({
    baseUrl: "http://simulator.test",
    source: "simulator",
    clock: { now, sleep: wait },
    credits,
    fetch,
    maxAttempts,
  });
}
