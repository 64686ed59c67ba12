/** What is kept of a site's answers, for whom and how long; the sites are made up. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { cacheAnswers } from "../../routes/_page_cache.ts";

type Made = (request: Request, count: number) => Response | Promise<Response>;

const LIFETIME_MS = 2000;
const ROW = "1,2,3\n".repeat(1000);

const page = (text: string, headers: Record<string, string> = {}) =>
  new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8", ...headers } });

/** A site whose answers are counted, on a clock that the test moves. */
function openCounted(make: Made, lifetimeMs = LIFETIME_MS) {
  const clock = { ms: 1 };
  let count = 0;
  const site = cacheAnswers(async (request) => await make(request, ++count), {
    lifetimeMs,
    elapsedMs: () => clock.ms,
  });
  return {
    clock,
    count: () => count,
    ask: (path: string, init?: RequestInit) => site(new Request(`http://site.test${path}`, init)),
    text: async (path: string, init?: RequestInit) =>
      await (await site(new Request(`http://site.test${path}`, init))).text(),
  };
}

/** A site whose first answer waits until `open()`. */
function openGated(answer: (count: number) => Response) {
  const gate = Promise.withResolvers<void>();
  const site = openCounted(async (_, count) => {
    if (count === 1) await gate.promise;
    return answer(count);
  });
  return { ...site, open: () => gate.resolve() };
}

const gzip = { headers: { "accept-encoding": "gzip" } };

Deno.test("A page is made once in its lifetime, and anew after it", async () => {
  const site = openCounted((_, count) => page(`made ${count}`));
  assert.equal(await site.text("/"), "made 1");
  site.clock.ms += LIFETIME_MS - 1;
  assert.equal(await site.text("/"), "made 1");
  assert.equal(await site.text("/?a=1"), "made 2", "another query is another page");
  site.clock.ms += 1;
  assert.equal(await site.text("/"), "made 3");
});

Deno.test("The lifetime begins before the page is made: its data is not older than that", async () => {
  const site = openCounted((_, count) => {
    site.clock.ms += 1500;
    return page(`made ${count}`);
  });
  assert.equal(await site.text("/"), "made 1");
  site.clock.ms += 600;
  assert.equal(await site.text("/"), "made 2");
});

Deno.test("Fifty who ask at once share one answer", async () => {
  const site = openGated((count) => page(`made ${count}`));
  const asked = Array.from({ length: 50 }, () => site.text("/"));
  site.open();
  assert.deepEqual(new Set(await Promise.all(asked)), new Set(["made 1"]));
  assert.equal(site.count(), 1);
});

Deno.test("Who asks when an answer under way is too old gets one that begins then", async () => {
  const site = openGated((count) => page(`made ${count}`));
  const first = site.text("/");
  site.clock.ms += LIFETIME_MS;
  assert.equal(await site.text("/"), "made 2");
  site.open();
  assert.equal(await first, "made 1");
  assert.equal(await site.text("/"), "made 2", "the older one does not take its place");
});

Deno.test("Without a lifetime each asks for itself", async () => {
  const site = openCounted((_, count) => page(`made ${count}`), 0);
  const texts = await Promise.all([site.text("/"), site.text("/"), site.text("/")]);
  assert.deepEqual(texts, ["made 1", "made 2", "made 3"]);
});

Deno.test("The client that was first goes away, and the others get the answer", async () => {
  const site = openGated((count) => page(`made ${count}`));
  const first = new AbortController();
  const gone = site.ask("/", { signal: first.signal });
  const others = [site.text("/"), site.text("/")];
  first.abort();
  site.open();
  assert.deepEqual(await Promise.all(others), ["made 1", "made 1"]);
  await (await gone).body?.cancel();
  assert.equal(await site.text("/"), "made 1");
});

Deno.test("The routes see the address and the preferences, and nothing else of the request", async () => {
  const site = openCounted(({ url, headers }) => page(`${url} ${JSON.stringify([...headers])}`));
  const cookie = "other=secret; theme=dark; watchlist=BTC-USD%7CAAPL; theme2=x";
  const text = await site.text("/a?b=1", {
    headers: { cookie, authorization: "secret", "if-none-match": "*" },
  }).catch(String);
  assert.equal(text, "", "304: it is what the client has");
  assert.equal(
    await site.text("/a?b=1", { headers: { cookie } }),
    'http://site.test/a?b=1 [["accept-language","en-US"],["cookie","theme=dark; watchlist=BTC-USD%7CAAPL"]]',
  );
  assert.equal(site.count(), 1);
});

Deno.test("Who asks past caches gets an answer of now, which the others get too", async () => {
  const site = openCounted((_, count) => page(`made ${count}`));
  assert.equal(await site.text("/"), "made 1");
  assert.equal(await site.text("/"), "made 1");
  site.clock.ms += 1;
  assert.equal(await site.text("/", { headers: { "cache-control": "no-cache" } }), "made 2");
  assert.equal(await site.text("/"), "made 2");
});

Deno.test("However many ask past caches, one answer is made at a time and the rest share the next", async () => {
  const gate = Promise.withResolvers<void>();
  const site = openCounted(async (_, count) => {
    await gate.promise;
    return page(`made ${count}`);
  });
  const first = site.text("/");
  const texts = Array.from({ length: 50 }, () => {
    site.clock.ms += 1;
    return site.text("/", { headers: { "cache-control": "no-cache" } });
  });
  gate.resolve();
  assert.equal(await first, "made 1");
  assert.deepEqual([...new Set(await Promise.all(texts))], ["made 2"]);
});

Deno.test("A preference puts out no answer", async () => {
  const site = openCounted((_, count) => page(`made ${count}`));
  assert.equal(await site.text("/"), "made 1");
  await site.text("/preferences", { method: "POST" });
  assert.equal(await site.text("/"), "made 1");
});

Deno.test("Each locale has its page, and the API has one for all", async () => {
  const site = openCounted(({ headers }, count) =>
    page(`${count} ${headers.get("accept-language")}`)
  );
  const as = (language: string, path = "/") =>
    site.text(path, { headers: { "accept-language": language } });
  assert.equal(await as("de-DE,en;q=0.5"), "1 de-DE");
  assert.equal(await as("en-US"), "2 en-US");
  assert.equal(await as("de-DE"), "1 de-DE", "whatever else it would take");
  assert.equal(await as("de-DE", "/api/v1/instruments"), "3 null");
  assert.equal(await as("en-US", "/api/v1/instruments"), "3 null");
});

Deno.test("Each theme and each watchlist has its page, and the API has one for all", async () => {
  const site = openCounted((_, count) => page(`made ${count}`));
  const as = (cookie: string, path = "/") => site.text(path, { headers: { cookie } });
  assert.equal(await as("theme=dark"), "made 1");
  assert.equal(await as("theme=light"), "made 2");
  assert.equal(await as("theme=light; watchlist=AAPL"), "made 3");
  assert.equal(await as("watchlist=AAPL; theme=light; tracker=1"), "made 3");
  assert.equal(await as("theme=pink"), "made 4");
  assert.equal(await site.text("/"), "made 4");
  assert.equal(await as("theme=dark", "/api/v1/x"), "made 5");
  assert.equal(await as("theme=light", "/api/v1/x"), "made 5");
});

Deno.test("A change puts everything out, also what is under way; a refused one does not", async () => {
  let status = 403;
  const site = openGated((count) => page(`made ${count}`));
  const changing = openCounted(async ({ method }, count) => {
    if (method === "POST") return new Response("", { status });
    return await page(`made ${count}`);
  });
  assert.equal(await changing.text("/"), "made 1");
  await changing.ask("/", { method: "POST" });
  assert.equal(await changing.text("/"), "made 1");
  for (status of [303, 500]) {
    await changing.ask("/", { method: "POST" });
    assert.notEqual(await changing.text("/"), "made 1");
  }

  const early = site.text("/");
  await site.ask("/", { method: "POST" });
  assert.equal(await site.text("/"), "made 3", "what began before the change is not shared");
  site.open();
  assert.equal(await early, "made 1");
  assert.equal(await site.text("/"), "made 3", "nor kept");
});

Deno.test("Errors, redirects and what says so are not kept", async () => {
  const answers: Record<string, () => Response> = {
    error: () => new Response("no", { status: 500, headers: { "Content-Type": "text/html" } }),
    unknown: () => new Response("no", { status: 404, headers: { "Content-Type": "text/html" } }),
    redirect: () => new Response(null, { status: 301, headers: { Location: "/" } }),
    "no-store": () => page("x", { "Cache-Control": "private, no-store" }),
    attachment: () => page("x", { "Content-Disposition": "attachment; filename=x.csv" }),
    cookie: () => page("x", { "Set-Cookie": "a=b" }),
    other: () => page("x", { "Vary": "User-Agent" }),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const site = openCounted(answer);
    const twice = [await site.ask("/"), await site.ask("/")];
    assert.equal(site.count(), 2, name);
    for (const response of twice) {
      assert.equal(response.status, answer().status);
      assert.equal(response.headers.get("etag"), null, name);
      await response.body?.cancel();
    }
  }
});

Deno.test("An answer that fails is nobody else's, and the next one is asked for", async () => {
  const site = openGated((count) =>
    count === 1 ? new Response("broken", { status: 503 }) : page("fine")
  );
  const asked = [site.ask("/"), site.ask("/"), site.ask("/")];
  site.open();
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  assert.deepEqual(statuses, [503, 200, 200]);

  const throwing = openCounted((_, count) => {
    if (count === 1) throw new Error("broken");
    return page("fine");
  });
  await assert.rejects(throwing.ask("/"), /broken/);
  assert.equal(await throwing.text("/"), "fine");
});

Deno.test("A probe of the health never waits for another", async () => {
  const site = openGated((count) => page(`made ${count}`));
  const first = site.text("/healthz");
  assert.equal(await site.text("/healthz"), "made 2");
  site.open();
  assert.equal(await first, "made 1");
});

Deno.test("Made-up queries take no more than so much room, and what is asked for stays", async () => {
  const text = "x".repeat(500_000);
  const site = openCounted((_, count) => page(`${count} ${text}`));
  await site.text("/");
  for (let query = 0; query < 200; query++) {
    await site.text(`/?q=${query}`);
    assert.match(await site.text("/"), /^1 /);
  }
  assert.equal(site.count(), 201);
  await site.text("/?q=0");
  assert.equal(site.count(), 202, "100 MB were not kept");
  await site.text("/?q=199");
  assert.equal(site.count(), 202, "the last one was");

  const small = openCounted(() => page("x"));
  for (let query = 0; query < 1100; query++) await small.text(`/?q=${query}`);
  await small.text("/?q=0");
  assert.equal(small.count(), 1101, "nor more than a thousand");
});

Deno.test("Hashed assets are kept as long as there is room", async () => {
  const site = openCounted((_, count) =>
    new Response(`made ${count}`, {
      headers: {
        "Content-Type": "text/javascript",
        "Cache-Control": "public, max-age=31536000, immutable",
      },
    }), 0);
  assert.equal(await site.text("/static/a.js"), "made 1");
  site.clock.ms += 1e9;
  assert.equal(await site.text("/static/a.js"), "made 1");
});

Deno.test("A long answer is on its way while it is made, compressed, and not kept", async () => {
  for (const init of [gzip, {}]) {
    let rows = 0;
    const cancelled = Promise.withResolvers<void>();
    const site = openCounted(() => {
      const body = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(`${++rows}\n${ROW}`));
        },
        cancel: () => cancelled.resolve(),
      });
      return new Response(body, { headers: { "Content-Type": "text/csv" } });
    });
    const response = await site.ask("/endless.csv", init);
    assert.ok(rows * ROW.length < 2 * 2 ** 20, `${rows} read ahead`);
    const compressed = response.headers.get("content-encoding") === "gzip";
    assert.equal(compressed, init === gzip);
    const body: ReadableStream<Uint8Array<ArrayBuffer>> = response.body!;
    const reader = (compressed ? body.pipeThrough(new DecompressionStream("gzip")) : body)
      .pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (text.length < 3 * 2 ** 20) text += (await reader.read()).value;
    for (const number of [1, 2, 100, 400]) assert.ok(text.includes(`${number}\n${ROW}`));
    assert.ok(text.startsWith(`1\n${ROW}2\n${ROW}`), "from the beginning");
    await reader.cancel();
    // A client that goes away ends it: else this waits for ever.
    await cancelled.promise;
    await (await site.ask("/endless.csv")).body!.cancel();
    assert.equal(site.count(), 2);
  }
});

Deno.test("A download under way is asked for again by the next, and ends for a HEAD", async () => {
  let cancelled = 0;
  const site = openCounted(() =>
    new Response(new ReadableStream({ cancel: () => void cancelled++ }), {
      headers: { "Content-Type": "text/csv", "Content-Disposition": "attachment" },
    })
  );
  const both = await Promise.all([site.ask("/x.csv"), site.ask("/x.csv")]);
  assert.equal(site.count(), 2);
  for (const { body } of both) await body!.cancel();
  const head = await site.ask("/x.csv", { method: "HEAD" });
  assert.equal(head.body, null);
  assert.equal(cancelled, 3);
});

Deno.test("Gzip is for who takes it, and holds the same", async () => {
  const text = "<p>price</p>".repeat(1000);
  const site = openCounted(() => page(text));
  for (
    const [accept, isGzip] of [
      ["gzip", true],
      ["br;q=1.0, GZIP;q=0.5", true],
      ["gzip;q=0", false],
      ["br", false],
      ["identity", false],
    ] as const
  ) {
    const response = await site.ask("/", { headers: { "accept-encoding": accept } });
    const bytes = new Uint8Array(await response.arrayBuffer());
    assert.equal(response.headers.get("content-encoding"), isGzip ? "gzip" : null, accept);
    assert.ok(isGzip ? bytes.length < 500 : bytes.length === text.length);
    assert.equal(new TextDecoder().decode(isGzip ? gunzipSync(bytes) : bytes), text);
    assert.match(response.headers.get("vary")!, /Accept-Encoding/);
  }
  assert.equal(site.count(), 1);

  const picture = openCounted(() =>
    new Response(ROW, { headers: { "Content-Type": "image/png" } })
  );
  assert.equal((await picture.ask("/", gzip)).headers.get("content-encoding"), null);
  const encoded = openCounted(() => page("already", { "Content-Encoding": "br" }));
  assert.equal((await encoded.ask("/", gzip)).headers.get("content-encoding"), "br");
  const short = openCounted(() => page("x"));
  assert.equal((await short.ask("/", gzip)).headers.get("content-encoding"), null);
});

Deno.test("What the client has is not sent again, and HEAD sends no body", async () => {
  let text = "one";
  const site = openCounted(() => page(text));
  const first = await site.ask("/");
  const etag = first.headers.get("etag")!;
  assert.match(etag, /^W\/"/);
  assert.equal(first.headers.get("cache-control"), "private, no-cache");
  assert.equal(first.headers.get("vary"), "Cookie, Accept-Language, Accept-Encoding");
  for (const known of [etag, `"other", ${etag}`, etag.slice(2), "*"]) {
    const again = await site.ask("/", { headers: { "if-none-match": known } });
    assert.equal(again.status, 304, known);
    assert.equal(again.body, null);
    for (const name of ["etag", "cache-control", "vary"]) {
      assert.equal(again.headers.get(name), first.headers.get(name));
    }
  }
  const head = await site.ask("/", { method: "HEAD" });
  assert.equal(head.body, null);
  assert.equal(head.headers.get("content-length"), "3");
  assert.equal(site.count(), 1);
  text = "two";
  site.clock.ms += LIFETIME_MS;
  assert.equal(await site.text("/", { headers: { "if-none-match": etag } }), "two");
});

Deno.test("What is the same for everyone may be kept by anyone for the rest of its lifetime", async () => {
  const site = openCounted(() => Response.json([1]));
  const first = await site.ask("/api/v1/x");
  assert.equal(first.headers.get("cache-control"), "public, max-age=2");
  assert.equal(first.headers.get("vary"), "Accept-Encoding");
  assert.equal(first.headers.get("age"), null);
  site.clock.ms += 1500;
  assert.equal((await site.ask("/api/v1/x")).headers.get("age"), "1");
  const own = openCounted(() => page("x", { "Cache-Control": "public, max-age=86400" }));
  assert.equal((await own.ask("/")).headers.get("cache-control"), "public, max-age=86400");
});
