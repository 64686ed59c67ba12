import assert from "node:assert/strict";
import { loadCandles } from "../../db/candles.ts";
import type { Database, Sql } from "../../db/connect.ts";
import { importFile } from "../../etl/import.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";
import { NOW, openSite } from "../support/site.ts";

/** More than two pages of a download. */
const HOURS = 4500;
const CSV = "/api/v1/candles.csv?symbol=AAPL";
const JSON_PATH = "/api/v1/candles.json?symbol=AAPL";

/** Hourly candles of a stock with every digit that a price may have, a volume sometimes, and a forming one. */
async function storeHours(sql: Sql, count = HOURS): Promise<number> {
  const { id } = await storeInstrument(sql, { ...AAPL, name: 'Apple, "Inc."' });
  await sql`
    insert into market.candles (
      instrument_id, candle_interval, opened_at, open, high, low, close, volume, is_final, run_id,
      loaded_at
    )
    select ${id}, '1h', '2026-01-01T14:30Z'::timestamptz + n * interval '1 hour',
      n + 1, 2 * n + 5.10, n + 0.000000000000001, n + 1.5, case when n % 3 > 0 then n * 1000 end,
      n < ${count - 1}, 1, ${NOW}
    from generate_series(0, ${count - 1}) n`;
  await sql`select market.rebuild_rollups(${id})`;
  return id;
}

/** What the CSV of a series must say, told by the database alone. */
async function expectedCsv(sql: Sql, interval: string, window = "[,)"): Promise<string> {
  const rows = await sql<{ line: string }[]>`
    select concat_ws(',',
      i.source, i.symbol, c.candle_interval,
      to_char(c.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      c.open, c.high, c.low, c.close, coalesce(c.volume::text, ''), c.is_final::text, i.kind,
      '"' || replace(i.name, '"', '""') || '"', i.exchange, i.mic_code, i.currency, '', '',
      i.exchange_timezone, coalesce(c.rolled_up_from, '')
    ) as line
    from market.all_candles c
    join market.instruments i on i.id = c.instrument_id
    where c.candle_interval = ${interval} and c.opened_at <@ ${window}::tstzrange
    order by c.opened_at`;
  return [
    "source,symbol,interval,opened_at,open,high,low,close,volume,is_final,kind,name,exchange," +
    "mic_code,currency,currency_base,currency_quote,exchange_timezone,rolled_up_from",
    ...rows.map(({ line }) => line),
    "",
  ].join("\n");
}

/** Fails with the first line that differs; a whole diff would be thousands of lines. */
function assertSameText(actual: string, expected: string): void {
  if (actual === expected) return;
  const [has, wants] = [actual.split("\n"), expected.split("\n")];
  const at = wants.findIndex((line, at) => line !== has[at]);
  assert.fail(`line ${at + 1} of ${has.length}, not ${wants.length}: ${has[at]}, not ${wants[at]}`);
}

forEachDatabase(
  "A download is every candle that the database has of an interval, fetched or rolled up",
  async ({ sql }) => {
    await storeHours(sql);
    const site = await openSite({ sql });
    for (const [interval, rolledUpFrom] of [["1h", null], ["1week", "1day"]] as const) {
      const csv = await site(`${CSV}&interval=${interval}`);
      assert.equal(csv.status, 200);
      assert.equal(csv.headers.get("content-type"), "text/csv; charset=utf-8");
      assert.equal(
        csv.headers.get("content-disposition"),
        `attachment; filename="AAPL-${interval}.csv"`,
      );
      const text = await csv.text();
      assertSameText(text, await expectedCsv(sql, interval));
      const rows = text.trimEnd().split("\n").slice(1);
      assert.equal(rows.length > 20 && rows[0]!.split(",").at(-1), rolledUpFrom ?? "");

      const json = await site(`${JSON_PATH}&interval=${interval}`);
      assert.equal(json.headers.get("content-type"), "application/json");
      assert.match(json.headers.get("content-disposition")!, /"AAPL-1(h|week)\.json"$/);
      const list = await site(`/api/v1/candles?symbol=AAPL&interval=${interval}&limit=5000`);
      const listed = await list.json();
      assert.deepEqual(await json.json(), listed);
      assert.equal(listed.candles.length, rows.length);
      assert.equal(listed.candles[0].rolledUpFrom, rolledUpFrom);
    }
  },
);

forEachDatabase(
  "A download takes from inclusively and to exclusively, and refuses as the API does",
  async ({ sql }) => {
    await storeHours(sql, 48);
    const site = await openSite({ sql });
    const window = "from=2026-01-02T00:30:00Z&to=2026-01-02T12:30:00Z";
    const text = await (await site(`${CSV}&interval=1h&${window}`)).text();
    assertSameText(text, await expectedCsv(sql, "1h", "[2026-01-02T00:30Z,2026-01-02T12:30Z)"));
    assert.equal(text.split("\n").length, 12 + 2);
    assertSameText(
      await (await site(`${CSV}&interval=1min`)).text(),
      await expectedCsv(sql, "1min"),
    );
    assert.deepEqual(await (await site(`${JSON_PATH}&interval=1min`)).json(), {
      ...{ symbol: "AAPL", source: "simulator", interval: "1min" },
      candles: [],
    });
    const head = await site(`${CSV}&interval=1h`, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    for (
      const [query, status, code, field] of [
        ["symbol=NOPE&interval=1h", 404, "unknown_symbol", "symbol"],
        ["symbol=AAPL", 400, "invalid_query", "interval"],
        ["symbol=AAPL&interval=1h&limit=5", 400, "invalid_query", "limit"],
        ["symbol=AAPL&interval=1h&from=2026-01-02&to=2026-01-02", 400, "invalid_query", "from"],
      ] as const
    ) {
      for (const extension of ["csv", "json"]) {
        const response = await site(`/api/v1/candles.${extension}?${query}`);
        const { error } = await response.json();
        assert.deepEqual([response.status, error.code, error.field], [status, code, field], query);
        assert.match(error.message, /^Cannot download candles as /);
        assert.equal(response.headers.get("content-disposition"), null);
      }
    }
  },
);

async function restore(database: Database, text: string) {
  return await importFile({ database, now: () => NOW }, {
    name: "AAPL.csv",
    bytes: ReadableStream.from([new TextEncoder().encode(text)]),
    source: "simulator",
    symbols: [],
    interval: null,
    kind: null,
    timezone: "UTC",
    columns: {},
    isDryRun: false,
  });
}

forEachDatabase(
  "importFile() makes of a downloaded CSV what was downloaded, and of the instrument what it was",
  async ({ database, sql }) => {
    const { id } = await storeInstrument(sql, { ...AAPL, name: 'Apple, "Inc."' });
    const startedAt = Date.parse("2026-11-02T14:30:00Z");
    const candles = Array.from(
      { length: 60 },
      (_, at) =>
        candle(new Date(startedAt + at * 3_600_000).toISOString(), `${at}.50`, {
          high: `${at + 2}.000000000000001`,
          volume: at % 2 ? `${at}` : null,
          isFinal: at < 59,
        }),
    );
    const page = { instrumentId: id, interval: "1h" as const, candles, rejects: [], runId: 1 };
    await loadCandles(database, { ...page, loadedAt: NOW });
    const site = await openSite({ sql });
    const get = async (interval: string) =>
      await (await site(`${CSV}&interval=${interval}`)).text();
    const [hours, days, weeks] = [await get("1h"), await get("1day"), await get("1week")];
    const forget = () => sql`truncate market.instruments cascade`;

    await forget();
    assert.equal((await site(`${CSV}&interval=1h`)).status, 404, "it is forgotten");
    const report = await restore(database, hours);
    assert.deepEqual([report.status, report.inserted, report.rejected], ["ok", 60, 0]);
    assertSameText(await get("1h"), hours);
    assertSameText(await get("1day"), days);

    // Rolled up candles are read back as candles of their own.
    await forget();
    assert.equal((await restore(database, weeks)).status, "ok");
    assertSameText(await get("1week"), weeks.replaceAll(/,1day$/gm, ","));
  },
);

forEachDatabase(
  "A download reads a page when the client has taken the one before, and none after it is gone",
  async ({ sql }) => {
    await storeHours(sql);
    let queries = 0;
    const counted = new Proxy(sql, {
      apply(target, self, args) {
        if (String(args[0]).includes("rolled_up_from")) queries++;
        return Reflect.apply(target, self, args);
      },
    });
    const site = await openSite({ sql: counted });
    const { body } = await site(`${CSV}&interval=1h`);
    const reader = body!.getReader();
    await reader.read();
    assert.equal(queries, 0, "the header needs none");
    const { value } = await reader.read();
    assert.equal(new TextDecoder().decode(value).split("\n").length, 2000 + 1);
    assert.equal(queries, 1);
    await reader.cancel();
    const second = (await site(`${JSON_PATH}&interval=1h`)).body!;
    await second.cancel();
    assert.equal(queries, 1, "nobody waits for the rest");
  },
);

forEachDatabase(
  "A download that fails in the middle breaks the connection and does not end like a whole file",
  async ({ sql }) => {
    await storeHours(sql);
    const site = await openSite({ sql });
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        const response = await site(new URL(request.url).pathname + new URL(request.url).search);
        const reader = response.body!.getReader();
        // The header and a page are on their way, then the table is gone.
        const taken = [await reader.read(), await reader.read()].map(({ value }) => value!);
        await sql`alter table market.rollups rename to gone`;
        await sql`drop view market.all_candles cascade`;
        reader.releaseLock();
        const rest = response.body!;
        return new Response(
          ReadableStream.from((async function* () {
            yield* taken;
            yield* rest;
          })()),
        );
      },
    );
    try {
      const response = await fetch(`http://127.0.0.1:${server.addr.port}${CSV}&interval=1h`);
      assert.equal(response.status, 200);
      await assert.rejects(response.text());
    } finally {
      await server.shutdown();
    }
  },
);
