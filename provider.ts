/** Opens the provider that the settings ask for: Twelve Data, or the simulator where no key is set. */
import { getLogger } from "@logtape/logtape";
import type { Config } from "./config.ts";
import type { Sql } from "./db/connect.ts";
import type { CreditPlan } from "./db/status.ts";
import {
  createCredits,
  createUnlimitedCredits,
  type Credits,
  type CreditsOptions,
  waitForTime,
} from "./etl/credits.ts";
import type { Provider } from "./etl/provider.ts";
import { createTwelveDataClient } from "./etl/providers/twelve_data/client.ts";
import { answersAsSimulator } from "./etl/providers/twelve_data/identify.ts";
import type { Source } from "./market/instrument.ts";
import { createSimulator } from "./simulator/simulator.ts";

const logger = getLogger(["chandlery", "etl"]);
const OFFICIAL_URL = "https://api.twelvedata.com";

export interface OpenProvider {
  provider: Provider;
  source: Source;
  /** What the provider spends from. */
  credits: Credits;
  /** What the plan grants; null for the built-in simulator, which has no limit. */
  creditPlan: CreditPlan | null;
  /** What the data is, and why: "simulated, as …". */
  sourceNote: string;
}

/**
 * Without a key: the built-in simulator, called in this process, or the one at `TWELVE_DATA_BASE_URL`
 * when that is set. With a key: Twelve Data; a base URL of one's own is asked whether it is a simulator,
 * as simulated candles must never be stored as real ones. The built-in simulator has no limit; the credits
 * of everything else are kept in the database.
 *
 * @param reserve credits of today that the scheduled runs will need
 */
export async function openProvider(
  config: Config,
  now: () => Date,
  sql: Sql,
  reserve: CreditsOptions["reserve"],
): Promise<OpenProvider> {
  const { twelveDataApiKey: apiKey, twelveDataBaseUrl: baseUrl, creditsPerMinute } = config;
  const isOfficial = baseUrl === OFFICIAL_URL;
  if (apiKey === undefined && isOfficial) {
    const { fetch } = createSimulator({ now });
    const credits = createUnlimitedCredits(now);
    return {
      provider: createTwelveDataClient({ baseUrl, source: "simulator", fetch, credits }),
      source: "simulator",
      credits,
      creditPlan: null,
      sourceNote: "simulated, as TWELVE_DATA_API_KEY is not set.",
    };
  }
  const source = apiKey === undefined || (!isOfficial && await answersAsSimulator(baseUrl))
    ? "simulator"
    : "twelve_data";
  const credits = createCredits({
    sql,
    source,
    perMinute: creditsPerMinute,
    perDay: config.creditsPerDay,
    now,
    wait: waitForTime,
    reserve,
    onWait: (waitMs) =>
      logger.info("The minute's {creditsPerMinute} credits are spent: waiting {seconds} s", {
        creditsPerMinute,
        seconds: Math.ceil(waitMs / 1000),
      }),
  });
  return {
    provider: createTwelveDataClient({ baseUrl, apiKey, source, credits }),
    source,
    credits,
    creditPlan: { perMinute: creditsPerMinute, perDay: config.creditsPerDay },
    sourceNote: source === "simulator"
      ? `simulated, by the simulator at ${baseUrl}.`
      : "from Twelve Data, as TWELVE_DATA_API_KEY is set.",
  };
}
