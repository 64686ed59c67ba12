/** A filled database: what the first run of the ETL stores of the simulator's default watchlist. */
import { join } from "node:path";
import type { Database, Sql } from "../../db/connect.ts";
import { createUnlimitedCredits } from "../../etl/credits.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import { runEtl } from "../../etl/run.ts";
import { createSimulator } from "../../simulator/simulator.ts";
import { prepareFolder } from "./prepared.ts";
import { readRows, type TableRows, writeRows } from "./table_rows.ts";

/** A Friday afternoon on which every market is open. */
export const NOW = new Date("2026-11-20T18:20:00Z");

/** The default watchlist. */
export const SYMBOLS = [
  "AAPL",
  "GOOGL",
  "AMZN",
  "META",
  "BTC/USD",
  "ETH/USD",
  "SOL/USD",
  "EUR/USD",
];

/** Whatever has a say in what a run stores. */
const SOURCES = ["db", "etl", "market", "simulator", "tests/support/fill.ts", "deno.lock"];

/**
 * Stores what one real run of the ETL against the simulator does. The run itself is made once for these
 * sources; an empty database then gets the rows that it left.
 */
export async function fillDatabase(database: Database): Promise<void> {
  const { sql } = database;
  if (!await isEmpty(sql)) return await load(database);
  let isLoaded = false;
  const folder = await prepareFolder("filled", async (folder) => {
    await load(database);
    isLoaded = true;
    await Deno.writeTextFile(join(folder, "rows.json"), JSON.stringify(await readRows(sql)));
  }, SOURCES);
  if (isLoaded) return;
  const rows: TableRows[] = JSON.parse(await Deno.readTextFile(join(folder, "rows.json")));
  await writeRows(sql, rows);
}

async function isEmpty(sql: Sql): Promise<boolean> {
  const [row] = await sql<[{ empty: boolean }]>`
    select not exists (select from market.instruments)
      and not exists (select from market.runs) as empty`;
  return row.empty;
}

async function load(database: Database): Promise<void> {
  const now = () => NOW;
  const credits = createUnlimitedCredits();
  const provider = createTwelveDataClient({
    baseUrl: "https://api.twelvedata.com",
    source: "simulator",
    fetch: createSimulator({ now }).fetch,
    credits,
  });
  const report = await runEtl(
    { database, provider, source: "simulator", credits, now },
    { trigger: "start", symbols: SYMBOLS, intervals: ["1h", "1day"] },
  );
  if (report.status !== "ok") throw new Error(`Cannot fill the database: ${report.status}`);
}
