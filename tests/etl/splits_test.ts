import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { setActive } from "../../db/instruments.ts";
import { importSplits } from "../../etl/import_splits.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import { fetchAndStoreSplits } from "../../etl/splits.ts";
import { createSimulator } from "../../simulator/simulator.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";
import { fakeClient, fixture } from "../support/twelve_data.ts";

const NOW = new Date("2026-11-20T18:20:00Z");
const AAPL_SPLITS = fixture("docs__splits.json");
const NOT_IN_PLAN = fixture("recorded__error_403_endpoint_plan.json");

/** What a fetch or an import needs; the provider gives the answers in turn. */
function dependencies(sql: Sql, answers: (string | Response)[] = [], now = NOW) {
  const { client, requests } = fakeClient(answers);
  return { sql, source: "simulator" as const, now: () => now, provider: client, requests };
}

function file(...lines: string[]) {
  const content = new Blob([lines.join("\n")]).stream();
  return { name: "splits.csv", content };
}

/** Every split as text, oldest first: `AAPL 2020-08-31 4:1 import`. */
async function ledger(sql: Sql): Promise<string[]> {
  const rows = await sql<{ text: string }[]>`
    select format('%s %s %s:%s %s', i.symbol, s.split_on, s.from_factor, s.to_factor, s.origin) as text
    from market.splits s join market.instruments i on i.id = s.instrument_id
    order by s.split_on, i.symbol`;
  return rows.map(({ text }) => text);
}

const NONE = { inserted: 0, changed: 0, unchanged: 0 };

forEachDatabase(
  "Splits are fetched once for every active stock and ETF, with the pinned listing",
  async (
    { sql },
  ) => {
    await storeInstrument(sql, { ...AAPL, pinnedMicCode: "XNAS" });
    await storeInstrument(sql);
    await storeInstrument(sql, { ...AAPL, symbol: "GONE" });
    await setActive(sql, "simulator", ["GONE"], false);
    const deps = dependencies(sql, [AAPL_SPLITS, AAPL_SPLITS]);
    assert.deepEqual(await fetchAndStoreSplits(deps, []), [
      { symbol: "AAPL", ...NONE, inserted: 1, announced: 0, error: null },
    ]);
    assert.deepEqual(await ledger(sql), ["AAPL 2020-08-31 4:1 provider"]);
    const { searchParams } = new URL(deps.requests[0]!.url);
    assert.deepEqual([searchParams.get("symbol"), searchParams.get("mic_code")], ["AAPL", "XNAS"]);
    assert.deepEqual(await fetchAndStoreSplits(deps, ["AAPL"]), [
      { symbol: "AAPL", ...NONE, unchanged: 1, announced: 0, error: null },
    ]);
  },
);

forEachDatabase("The simulator has no splits, which is no failure", async ({ sql }) => {
  await storeInstrument(sql, AAPL);
  const provider = createTwelveDataClient({
    baseUrl: "http://simulator.test",
    source: "simulator",
    fetch: createSimulator({ now: () => NOW }).fetch,
  });
  assert.deepEqual(await fetchAndStoreSplits({ ...dependencies(sql), provider }, ["AAPL"]), [
    { symbol: "AAPL", ...NONE, announced: 0, error: null },
  ]);
});

forEachDatabase("A split that is announced is not stored before its date", async ({ sql }) => {
  await storeInstrument(sql, AAPL);
  const fetchOn = async (date: string) => {
    const deps = dependencies(sql, [AAPL_SPLITS], new Date(`${date}T12:00:00Z`));
    const [fetched] = await fetchAndStoreSplits(deps, ["AAPL"]);
    return [fetched!.inserted, fetched!.announced];
  };
  assert.deepEqual(await fetchOn("2020-08-30"), [0, 1]);
  assert.deepEqual(await ledger(sql), []);
  assert.deepEqual(await fetchOn("2020-08-31"), [1, 0]);
});

forEachDatabase(
  "A symbol that fails does not stop the others, and costs nothing it need not",
  async (
    { sql },
  ) => {
    await storeInstrument(sql, AAPL);
    await storeInstrument(sql);
    await storeInstrument(sql, { ...AAPL, symbol: "MSFT" });
    const deps = dependencies(sql, [
      fixture("recorded__error_404_invalid_symbol.json"),
      AAPL_SPLITS,
    ]);
    const results = await fetchAndStoreSplits(deps, ["NONE", "BTC/USD", "MSFT", "AAPL"]);
    assert.match(
      results[0]!.error!,
      /^Cannot fetch splits of NONE as it is not in the database: add it/,
    );
    assert.match(
      results[1]!.error!,
      /^Cannot fetch splits of BTC\/USD as only stocks and ETFs split/,
    );
    assert.match(results[2]!.error!, /^Cannot fetch \/splits of MSFT/);
    assert.deepEqual([results[3]!.inserted, results[3]!.error], [1, null]);
    assert.equal(deps.requests.length, 2);
  },
);

forEachDatabase("A plan without splits is named once, with the way around it", async ({ sql }) => {
  await storeInstrument(sql, AAPL);
  await storeInstrument(sql, { ...AAPL, symbol: "MSFT" });
  const deps = dependencies(sql, [NOT_IN_PLAN]);
  await assert.rejects(fetchAndStoreSplits(deps, []), {
    name: "OperatorError",
    message: /grow or pro or ultra or enterprise plans.*import-splits FILE\.csv$/,
  });
  assert.equal(deps.requests.length, 1, "the next symbol would be refused as well");
});

forEachDatabase(
  "A file of splits is imported once, and corrections are counted",
  async ({ sql }) => {
    await storeInstrument(sql, AAPL);
    await storeInstrument(sql, { ...AAPL, symbol: "RY:TSX" });
    const deps = dependencies(sql);
    const lines = [
      "\ufeffSymbol,Date,from_factor,to_factor,description",
      "AAPL,2020-08-31,4,1,4-for-1 split",
      "",
      'AAPL,2014-06-09,7,1,"7 for 1, at last"',
      "RY:TSX,2011-01-03,1.5,1",
      "AAPL,2020-08-31,4.0,1",
    ];
    assert.deepEqual(await importSplits(deps, file(...lines), { dryRun: true }), {
      ...NONE,
      inserted: 3,
    });
    assert.deepEqual(await ledger(sql), [], "a dry run");
    assert.deepEqual(await importSplits(deps, file(...lines)), { ...NONE, inserted: 3 });
    assert.deepEqual(await importSplits(deps, file(...lines)), { ...NONE, unchanged: 3 });
    const ratio = file("symbol;date;ratio", "AAPL;2014-06-09;6 : 1", "AAPL;2005-02-28;2:1");
    assert.deepEqual(await importSplits(deps, ratio), { inserted: 1, changed: 1, unchanged: 0 });
    assert.deepEqual(await ledger(sql), [
      "AAPL 2005-02-28 2:1 import",
      "RY:TSX 2011-01-03 1.5:1 import",
      "AAPL 2014-06-09 6:1 import",
      "AAPL 2020-08-31 4:1 import",
    ]);
    const [row] = await sql`select description from market.splits where split_on = '2014-06-09'`;
    assert.equal(
      row!.description,
      "7 for 1, at last",
      "a file without descriptions takes none away",
    );
  },
);

forEachDatabase(
  "A wrong row is named with its line and value, and nothing of the file is stored",
  async (
    { sql },
  ) => {
    await storeInstrument(sql, AAPL);
    const header = "symbol,date,from_factor,to_factor";
    const right = "AAPL,2014-06-09,7,1";
    const wrong: [string[], RegExp][] = [
      [
        [header, right, "AAPL,2020-08-31,0,1"],
        /line 3 is wrong: from_factor must be a positive decimal number: current value is "0"/,
      ],
      [[header, right, "AAPL,2020-08-31,4,-1"], /line 3 is wrong: to_factor .* "-1"/],
      [[header, right, "AAPL,2020-08-31,1e3,1"], /line 3 is wrong: from_factor .* "1e3"/],
      [[header, right, "AAPL,2020-08-31,4"], /line 3 is wrong: to_factor .* missing/],
      [
        [header, right, "AAPL,2020-08-31,4,1,x"],
        /line 3 is wrong: it must have at most the 4 columns/,
      ],
      [[header, right, "", "AAPL,31.08.2020,4,1"], /line 4 is wrong: date .* "31\.08\.2020"/],
      [[header, right, "AAPL,2020-02-30,4,1"], /line 3 is wrong: date .* "2020-02-30"/],
      [[header, right, "AAPL,2026-11-21,4,1"], /line 3 is wrong: date must not be in the future/],
      [
        [header, right, "MSFT,2020-08-31,4,1"],
        /line 3 is wrong: symbol must be in the database .* "MSFT"/,
      ],
      [[header, right, "AAPL,2014-06-09,6,1"], /line 3 is wrong: it must not contradict line 2/],
      [
        ["symbol,date,ratio", "AAPL,2014-06-09,7"],
        /line 2 is wrong: ratio .* such as 4:1: current value is "7"/,
      ],
      [["symbol,date,ratio", "AAPL,2014-06-09,7:0"], /line 2 is wrong: ratio must be a positive/],
      [["symbol,day,from_factor,to_factor", right], /line 1 is wrong: it must name the columns/],
      [[""], /splits\.csv/],
    ];
    for (const [lines, message] of wrong) {
      const failed = importSplits(dependencies(sql), file(...lines));
      await assert.rejects(failed, { name: "OperatorError", message }, lines.join("|"));
      await failed.catch(({ message }) => assert.ok(!message.includes("\n"), "one line"));
    }
    assert.deepEqual(await ledger(sql), []);
  },
);
