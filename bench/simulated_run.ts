/** What a run depends on where everything but the database is in this process. */
import type { Database } from "../db/connect.ts";
import { createUnlimitedCredits } from "../etl/credits.ts";
import { createTwelveDataClient } from "../etl/providers/twelve_data/client.ts";
import type { RunDependencies } from "../etl/record.ts";
import { createSimulator } from "../simulator/simulator.ts";

/** A Friday afternoon on which every market is open, so that every series is asked for. */
export const NOW = new Date("2026-11-20T18:20:00Z");

/** The built-in simulator, as everyone without a key has it, at {@linkcode NOW}. */
export function dependenciesOf(database: Database): RunDependencies {
  const now = () => NOW;
  const credits = createUnlimitedCredits(now);
  const provider = createTwelveDataClient({
    baseUrl: "http://simulator",
    source: "simulator",
    fetch: createSimulator({ now }).fetch,
    credits,
  });
  return { database, provider, source: "simulator", credits, now };
}
