import assert from "node:assert/strict";
import { IterableBackoff } from "cockatiel";
import {
  createTwelveDataClient,
  type TwelveDataOptions,
} from "../../etl/providers/twelve_data/client.ts";
import { TerminalError, type TerminalReason, type TransientReason } from "../../market/errors.ts";
import {
  AAPL_DAILY,
  BASE,
  DAILY,
  fakeClient,
  fixture,
  KEY,
  MINUTE_SPENT,
  rejects,
} from "../support/twelve_data.ts";

Deno.test("the client tries again after a passing failure, and waits as the provider says", async () => {
  const { client, requests, waits } = fakeClient([
    new Response(MINUTE_SPENT, { status: 429 }),
    MINUTE_SPENT,
    AAPL_DAILY,
  ], { maxAttempts: 3 });
  const { rows } = await client.fetchTimeSeries("AAPL", DAILY);
  assert.equal(rows.length, 2);
  assert.equal(requests.length, 3);
  assert.deepEqual(waits, [44_000, 44_000]);
});

Deno.test("the client's own pauses grow, and the last failure is the one thrown", async () => {
  const answers = Array.from(
    { length: 6 },
    () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
  );
  const { client, requests, waits } = fakeClient(answers, { maxAttempts: 6 });
  await rejects(client.fetchTimeSeries("AAPL", DAILY), "server", /HTTP 502.*Bad gateway/);
  assert.equal(requests.length, 6);
  assert.equal(waits.length, 5);
  assert.ok(waits.every((ms) => ms > 0 && ms <= 30_000), String(waits));
  const backoff = new IterableBackoff([7, 11, 13]);
  const chosen = fakeClient(["", "", "", AAPL_DAILY], { backoff, maxAttempts: 4 });
  await chosen.client.fetchTimeSeries("AAPL", DAILY);
  assert.deepEqual(chosen.waits, [7, 11, 13]);
});

Deno.test("the client never repeats what can never succeed", async () => {
  for (const file of ["401_bad_key", "429_day", "404_symbol_plan", "404_invalid_symbol"]) {
    const { client, requests } = fakeClient([fixture(`recorded__error_${file}.json`)]);
    await assert.rejects(client.fetchTimeSeries("AAPL", DAILY), TerminalError);
    assert.equal(requests.length, 1, file);
  }
});

const BODIES: [string, Response, TransientReason | TerminalReason, RegExp][] = [
  [
    "a proxy's page with 520",
    page("<p>Web server error</p>", 520),
    "server",
    /520.*Web server error/,
  ],
  [
    "a page with HTTP 200",
    page("<html>Sign in</html>", 200),
    "malformed",
    /not whole JSON: "Sign in"/,
  ],
  ["cut JSON", page(AAPL_DAILY.slice(0, -40), 200), "malformed", /not whole JSON/],
  ["an empty body", page("", 200), "malformed", /is empty/],
  ["an empty 500", page("", 500), "server", /HTTP 500.*is empty/],
  ["JSON of a 503 without a code", page('{"detail":"down"}', 503), "server", /detail.*code 503/],
  [
    "an error body without a code",
    page('{"status":"error","message":"no"}', 500),
    "server",
    /"no"/,
  ],
  ["an error with code 500 and HTTP 200", page(error(500), 200), "server", /code 500/],
  [
    "a code that is none",
    page('{"status":"error","code":0,"message":"no"}', 500),
    "server",
    /"no"/,
  ],
  ["a code as text", page('{"status":"error","code":"401","message":"x"}', 200), "bad_key", /401/],
  ["a plain 414", page("<h1>URI too long</h1>", 414), "bad_request", /fewer symbols/],
  ["a plain 429", page("slow down", 429), "minute_credits", /slow down/],
  ["an unknown refusal", page(error(418), 418), "bad_request", /code 418/],
  ["an array", page("[]", 200), "malformed", /not a JSON object/],
  ["null", page("null", 200), "malformed", /not a JSON object/],
  ["no values", page('{"status":"ok"}', 200), "malformed", /meta:/],
  [
    "values of the wrong shape",
    page(AAPL_DAILY.replace(/"values": \[[^]*\]/, '"values": 1'), 200),
    "malformed",
    /values:/,
  ],
  ["another symbol", page(AAPL_DAILY.replace('"AAPL"', '"MSFT"'), 200), "malformed", /"MSFT"/],
  ["another interval", page(AAPL_DAILY.replace('"1day"', '"1week"'), 200), "malformed", /"1week"/],
  [
    "an unknown type",
    page(
      fixture("recorded__time_series_EURUSD_1day_asc.json").replace("EUR/USD", "AAPL").replace(
        "Physical Currency",
        "Tulip",
      ),
      200,
    ),
    "malformed",
    /"Tulip" is unknown/,
  ],
  [
    "a redirect",
    new Response(null, { status: 302, headers: { Location: "http://evil.test" } }),
    "bad_request",
    /TWELVE_DATA_BASE_URL/,
  ],
];

for (const [name, response, reason, says] of BODIES) {
  Deno.test(`the client makes ${reason} of ${name}`, async () => {
    const { client } = fakeClient([response], { maxAttempts: 1 });
    await rejects(client.fetchTimeSeries("AAPL", DAILY), reason, says);
  });
}

Deno.test("a simulator that answers as Twelve Data is refused, whatever it says", async () => {
  for (const body of [AAPL_DAILY, MINUTE_SPENT, "<html>"]) {
    const headers = { "Chandlery-Simulator": "1" };
    const { client } = fakeClient([new Response(body, { headers })], { apiKey: KEY });
    await rejects(
      client.fetchTimeSeries("AAPL", DAILY),
      "wrong_source",
      /TWELVE_DATA_API_KEY empty/,
    );
    const simulated = fakeClient([new Response(AAPL_DAILY, { headers })], { source: "simulator" });
    assert.equal((await simulated.client.fetchTimeSeries("AAPL", DAILY)).rows.length, 2);
  }
});

Deno.test("what is no simulator is refused where simulated candles are expected", async () => {
  const { client } = fakeClient([AAPL_DAILY], { source: "simulator" });
  await rejects(client.fetchTimeSeries("AAPL", DAILY), "wrong_source", /Set TWELVE_DATA_API_KEY/);
});

Deno.test("every attempt waits for its credits outside its time-out, and settles what the answer says", async () => {
  const headers = { "Api-Credits-Used": "3", "Api-Credits-Left": "5" };
  const settled: unknown[][] = [];
  const { client, requests } = fakeClient([
    new Response("<html>", { headers }),
    new Response(MINUTE_SPENT, { headers: { "Api-Credits-Left": "much" } }),
    new Response(MINUTE_SPENT, { headers }),
    new Response("{", { headers: { ...headers, "Api-Credits-Used": "-1" } }),
    AAPL_DAILY,
  ], {
    timeoutMs: 5,
    maxAttempts: 5,
    credits: {
      take: async (credits) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { credits, settle: (...said) => Promise.resolve(void settled.push(said)) };
      },
    },
  });
  await client.fetchTimeSeries("AAPL", DAILY);
  assert.equal(requests.length, 5);
  assert.deepEqual(settled, [
    [{ used: 3, left: 5 }, undefined],
    [{ used: 0, left: 0, perMinute: 8 }, "minute_credits"],
    [{ used: 3, left: 5, perMinute: 8 }, "minute_credits"],
    [null, undefined],
    [null, undefined],
  ]);
});

Deno.test("a request costs a credit a symbol, and splits cost 20, for whom the caller says", async () => {
  const taken: unknown[][] = [];
  const noData = fixture("recorded__error_400_no_data.json");
  const credits: TwelveDataOptions["credits"] = {
    take: (cost, { priority, ownRunId } = {}) => {
      taken.push([cost, priority, ownRunId]);
      return Promise.resolve({ credits: cost, settle: () => Promise.resolve() });
    },
  };
  const { client } = fakeClient([noData, noData, noData, noData], { credits });
  await client.fetchTimeSeries("AAPL", DAILY, { priority: "history", ownRunId: 7 });
  await client.fetchTimeSeriesBatch(["AAPL", "MSFT", "AAPL"], DAILY);
  await client.searchSymbols("Apple");
  await client.fetchSplits("AAPL");
  assert.deepEqual(taken, [
    [1, "history", 7],
    [2, undefined, undefined],
    [1, undefined, undefined],
    [20, undefined, undefined],
  ]);
});

Deno.test("an attempt that is aborted or timed out gives its credits back to the count as well", async () => {
  let open = 0;
  const credits: TwelveDataOptions["credits"] = {
    take: (credits) => {
      open++;
      return Promise.resolve({ credits, settle: () => Promise.resolve(void open--) });
    },
  };
  const stop = new AbortController();
  const fetch = () => {
    setTimeout(() => stop.abort(new Error("stopped")), 5);
    return new Promise<Response>(() => {});
  };
  const stopped = createTwelveDataClient({ ...BASE, credits, fetch });
  await assert.rejects(stopped.fetchTimeSeries("AAPL", DAILY, { signal: stop.signal }), /stopped/);
  assert.equal(open, 0);
  const slow = createTwelveDataClient({ ...BASE, credits, fetch, timeoutMs: 10, maxAttempts: 2 });
  await rejects(slow.fetchTimeSeries("AAPL", DAILY), "timeout", /did not answer/);
  assert.equal(open, 0);
});

Deno.test("the key never leaves the client, even when the provider or the network echoes it", async () => {
  const echo = JSON.stringify({
    status: "error",
    code: 401,
    message: `**apikey** ${KEY} is wrong`,
  });
  const rows = JSON.parse(AAPL_DAILY);
  rows.values.push({ datetime: "2026-08-21", open: KEY });
  const throwing = () => {
    throw new Error(`cannot send apikey ${KEY}`, { cause: new TypeError(`header ${KEY}`) });
  };
  for (const key of [KEY, "s3cr/t+k", "demo"]) {
    const answers: (() => Response)[] = [
      () => new Response(echo.replaceAll(KEY, key)),
      () => new Response(echo.replaceAll(KEY, encodeURIComponent(key)), { status: 401 }),
      () => new Response(`<html>${key} is not welcome`, { status: 403 }),
      () => new Response(`{"status":"ok","${key}":`),
      () => new Response(`["${key}"]`),
      () => new Response(AAPL_DAILY.replace('"AAPL"', `"${key}"`)),
      () => throwing(),
    ];
    for (const fetch of answers) {
      const client = createTwelveDataClient({ ...BASE, apiKey: key, maxAttempts: 1, fetch });
      const failure = await client.fetchTimeSeries("AAPL", DAILY).then(() => null, (e: Error) => e);
      assert.ok(failure, "expected a failure");
      const shown = [Deno.inspect(failure, { depth: 10 }), failure.stack, String(failure.cause)]
        .join();
      // Our own address and variable names may hold a short word such as "demo".
      for (const spelling of [key, encodeURIComponent(key)]) {
        assert.ok(!shown.replaceAll(import.meta.url, "").includes(spelling), shown);
      }
    }
  }
  const { client } = fakeClient([JSON.stringify(rows)], { apiKey: KEY });
  const { rejects: rejected } = await client.fetchTimeSeries("AAPL", DAILY);
  assert.equal(rejected.length, 1);
  assert.ok(!JSON.stringify(rejected).includes(KEY));
  assert.throws(() => createTwelveDataClient({ ...BASE, apiKey: `${KEY}\n` }), (error) => {
    assert.ok(error instanceof TerminalError && error.reason === "bad_key");
    return !Deno.inspect(error).includes(KEY);
  });
});

Deno.test("over a socket, a request that takes too long is a timeout and is tried again", async () => {
  let count = 0;
  await using server = serve(() => {
    if (++count > 1) return new Response(AAPL_DAILY);
    // Headers at once, a body that never ends: the body counts as well.
    const body = new ReadableStream({ start: (controller) => controller.enqueue(bytes("{")) });
    return new Response(body);
  });
  const options = { ...BASE, baseUrl: server.url, timeoutMs: 100 };
  const { rows } = await createTwelveDataClient(options).fetchTimeSeries("AAPL", DAILY);
  assert.equal(rows.length, 2);
  count = 0;
  const once = createTwelveDataClient({ ...options, maxAttempts: 1 });
  await rejects(once.fetchTimeSeries("AAPL", DAILY), "timeout", /did not answer within 0\.1 s/);
});

Deno.test("a handler in this process that ignores the signal is timed out as well", async () => {
  const client = createTwelveDataClient({
    ...BASE,
    timeoutMs: 20,
    maxAttempts: 2,
    fetch: () => new Promise<Response>(() => {}),
  });
  await rejects(client.fetchTimeSeries("AAPL", DAILY), "timeout", /0\.02 s/);
});

Deno.test("over a socket, a connection that is cut in the body is a network failure", async () => {
  await using server = serveRaw(
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n" +
      AAPL_DAILY.slice(0, 200),
  );
  const client = createTwelveDataClient({
    ...BASE,
    baseUrl: server.url,
    apiKey: KEY,
    maxAttempts: 2,
  });
  await rejects(client.fetchTimeSeries("AAPL", DAILY), "network", /connection failed/);
  assert.equal(server.connections, 2);
});

Deno.test("over a socket, a server that is not there is a network failure that names no key", async () => {
  const server = serve(() => new Response());
  await server[Symbol.asyncDispose]();
  const client = createTwelveDataClient({
    ...BASE,
    baseUrl: server.url,
    apiKey: KEY,
    maxAttempts: 1,
  });
  const error = await rejects(client.fetchTimeSeries("AAPL", DAILY), "network", /refused/i);
  assert.ok(!Deno.inspect(error).includes(KEY));
});

Deno.test("a request that never left says so, one whose connection breaks does not", async () => {
  const closed = serve(() => new Response());
  await closed[Symbol.asyncDispose]();
  await using cutBefore = serveRaw("");
  await using cutWithin = serveRaw("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{");
  const ended = async (baseUrl: string, isStopped = false, fetch?: TwelveDataOptions["fetch"]) => {
    const stop = new AbortController();
    const settled: unknown[] = [];
    const credits: TwelveDataOptions["credits"] = {
      take: (credits) => {
        if (isStopped) stop.abort();
        const settle = (...said: unknown[]) => Promise.resolve(void settled.push(said));
        return Promise.resolve({ credits, settle });
      },
    };
    const client = createTwelveDataClient({ ...BASE, baseUrl, credits, fetch, maxAttempts: 1 });
    await assert.rejects(client.fetchTimeSeries("AAPL", DAILY, { signal: stop.signal }));
    return settled;
  };
  const neverSent = [[null, "not_sent"]];
  assert.deepEqual(await ended(closed.url), neverSent);
  assert.deepEqual(await ended("http://127.0.0.1:1"), neverSent, "a port that fetch() blocks");
  const unknownName = () => {
    // As Deno says it; to ask for such a name here would depend on the network.
    const cause = new Error("client error (Connect): dns error: failed to lookup address");
    throw new TypeError("fetch failed", { cause });
  };
  assert.deepEqual(await ended(BASE.baseUrl, false, unknownName), neverSent);
  assert.deepEqual(await ended(cutBefore.url, true), neverSent, "stopped before it is sent");
  assert.deepEqual(await ended(cutBefore.url), [[null, undefined]]);
  assert.deepEqual(await ended(cutWithin.url), [[null, undefined]]);
});

Deno.test("over a socket, 429 then success, with the header and without the key in the address", async () => {
  const seen: { key: string | null; url: string }[] = [];
  await using server = serve((request) => {
    seen.push({ key: request.headers.get("authorization"), url: request.url });
    return seen.length === 1
      ? new Response(MINUTE_SPENT, { status: 429, headers: { "Api-Credits-Left": "0" } })
      : new Response(AAPL_DAILY);
  });
  const client = createTwelveDataClient({ ...BASE, baseUrl: `${server.url}/`, apiKey: KEY });
  assert.equal((await client.fetchTimeSeries("AAPL", DAILY)).rows.length, 2);
  assert.equal(seen.length, 2);
  for (const { key, url } of seen) {
    assert.equal(key, `apikey ${KEY}`);
    assert.ok(!url.includes(KEY));
    assert.equal(new URL(url).pathname, "/time_series");
  }
});

Deno.test("over a socket, a redirect does not carry the key elsewhere", async () => {
  let elsewhere = 0;
  await using other = serve(() => {
    elsewhere++;
    return new Response(AAPL_DAILY);
  });
  await using server = serve(() => Response.redirect(`${other.url}/time_series`));
  const client = createTwelveDataClient({ ...BASE, baseUrl: server.url, apiKey: KEY });
  await rejects(client.fetchTimeSeries("AAPL", DAILY), "bad_request", /redirects/);
  assert.equal(elsewhere, 0);
});

Deno.test("an aborted signal ends the request, the pause and what follows, at once", async () => {
  const reason = new Error("the run was stopped");
  const during = new AbortController();
  const request = createTwelveDataClient({
    ...BASE,
    fetch: () => {
      during.abort(reason);
      return new Promise<Response>(() => {});
    },
  }).fetchTimeSeries("AAPL", DAILY, { signal: during.signal });
  await assert.rejects(request, (error) => error === reason);

  const pausing = new AbortController();
  const paused = createTwelveDataClient({
    baseUrl: BASE.baseUrl,
    fetch: () => {
      queueMicrotask(() => setTimeout(() => pausing.abort(reason), 5));
      return new Response(MINUTE_SPENT, { status: 429 });
    },
  }).fetchTimeSeries("AAPL", DAILY, { signal: pausing.signal });
  await assert.rejects(paused, (error) => error === reason);

  const { client, requests } = fakeClient([AAPL_DAILY]);
  await assert.rejects(
    client.fetchTimeSeries("AAPL", DAILY, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  assert.equal(requests.length, 0);
});

function serve(handler: (request: Request) => Response) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}

/** A server that answers every connection with the bytes, and closes it. */
function serveRaw(answer: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const state = {
    url: `http://127.0.0.1:${listener.addr.port}`,
    connections: 0,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
  const serving = (async () => {
    for await (const connection of listener) {
      state.connections++;
      await connection.read(new Uint8Array(4096));
      await connection.write(bytes(answer));
      connection.close();
    }
  })();
  return state;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function page(body: string, status: number): Response {
  return new Response(body, { status });
}

function error(code: number): string {
  return JSON.stringify({ status: "error", code, message: `It went wrong.` });
}
