/** Everything behind the site: the database, the provider, and the runs that fill one from the other. */
import type { Config } from "./config.ts";
import { isAdminToken } from "./db/admin.ts";
import { type Database, openDatabase } from "./db/connect.ts";
import { explainDatabaseError } from "./db/errors.ts";
import { migrate } from "./db/migrate.ts";
import type { EstimateEnd } from "./db/status.ts";
import type { RunDependencies, RunReport } from "./etl/record.ts";
import { runEtl, type RunInput } from "./etl/run.ts";
import { describeSchedule, firingsBetween, nextFirings } from "./etl/schedule.ts";
import { creditsForRuns } from "./etl/watchlist.ts";
import { DAY_MS } from "./market/holidays.ts";
import { type OpenProvider, openProvider } from "./provider.ts";
import type { RunSchedule } from "./routes/_env.ts";

/** What is open while a process works; a site can be served with it. */
export interface Chandlery extends OpenProvider {
  database: Database;
  sql: Database["sql"];
  now: () => Date;
  /** When so many more credits will be spent, at best; null where no plan counts. */
  estimateEnd: EstimateEnd | null;
  /** When runs start by themselves, while a process serves the site. */
  schedule: RunSchedule;
  /** Whether the token is the one that every change through the web needs. */
  isAdmin: (token: string) => Promise<boolean>;
  /**
   * One run over the watchlist.
   * @throws {OperatorError} when the database cannot go on.
   */
  load(
    trigger: RunInput["trigger"],
    onProgress?: RunDependencies["onProgress"],
  ): Promise<RunReport>;
  /** Any work of the ETL, which `close` ends between two writes and waits for. */
  run<T>(
    work: (deps: RunDependencies) => Promise<T>,
    onProgress?: RunDependencies["onProgress"],
  ): Promise<T>;
  /** Ends what runs between two writes, then the database; a second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Opens and migrates the database and finds the provider that the settings ask for.
 * @throws {OperatorError} when the database cannot be had.
 */
export async function openChandlery(config: Config, now: () => Date): Promise<Chandlery> {
  const { symbols, intervals } = config;
  const database = await openDatabase(config);
  await migrate(database.sql).catch((error) => {
    throw explainDatabaseError(error, database) ?? error;
  });
  const { etlCron } = config;
  const restOfDay = (after: Date) => {
    const midnight = new Date(Math.floor(after.getTime() / DAY_MS + 1) * DAY_MS);
    return firingsBetween(etlCron, after, midnight);
  };
  const provider: OpenProvider = await openProvider(
    config,
    now,
    database.sql,
    (at) => creditsForRuns(database.sql, provider.source, { symbols, intervals }, restOfDay(at)),
  );
  const stop = new AbortController();
  const running = new Set<Promise<unknown>>();

  async function run<T>(
    work: (deps: RunDependencies) => Promise<T>,
    onProgress?: RunDependencies["onProgress"],
  ): Promise<T> {
    const working = work({
      database,
      ...provider,
      now,
      schedule: restOfDay,
      signal: stop.signal,
      onProgress,
    });
    running.add(working);
    try {
      return await working;
    } finally {
      running.delete(working);
    }
  }

  async function end() {
    stop.abort(new Error("stopped"));
    await Promise.allSettled(running);
    await database.close();
  }
  let ending: Promise<void> | undefined;

  return {
    ...provider,
    database,
    sql: database.sql,
    now,
    estimateEnd: provider.creditPlan &&
      ((credits) => provider.credits.estimateEnd(credits)),
    schedule: {
      inWords: describeSchedule(etlCron),
      expression: etlCron,
      // As main.ts and dev.ts do.
      startsWithSite: !config.isDeploy,
      next: (count) => nextFirings(etlCron, now(), count),
    },
    isAdmin: (token) => isAdminToken(database.sql, token, config.adminToken),
    load: (trigger, onProgress) =>
      run((deps) => runEtl(deps, { trigger, symbols, intervals }), onProgress),
    run,
    close: () => ending ??= end(),
  };
}
