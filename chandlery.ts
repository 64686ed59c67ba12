/** Everything behind the site: the database, the provider, and the runs that fill one from the other. */
import type { Config } from "./config.ts";
import { type Database, openDatabase } from "./db/connect.ts";
import { explainDatabaseError } from "./db/errors.ts";
import { migrate } from "./db/migrate.ts";
import type { RunTrigger } from "./db/runs.ts";
import { type RunDependencies, runEtl, type RunReport } from "./etl/run.ts";
import { type OpenProvider, openProvider } from "./provider.ts";

/** What is open while a process works; a site can be served with it. */
export interface Chandlery extends OpenProvider {
  database: Database;
  sql: Database["sql"];
  now: () => Date;
  /**
   * One run over the settings' symbols and intervals.
   * @throws {OperatorError} when the database cannot go on.
   */
  load(trigger: RunTrigger, onProgress?: RunDependencies["onProgress"]): Promise<RunReport>;
  /** Ends a run between two writes, then the database; a second call waits for the first. */
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
  const provider = await openProvider(config, now);
  const stop = new AbortController();
  const running = new Set<Promise<RunReport>>();

  async function load(trigger: RunTrigger, onProgress?: RunDependencies["onProgress"]) {
    const deps = { database, ...provider, now, signal: stop.signal, onProgress };
    const run = runEtl(deps, { trigger, symbols, intervals });
    running.add(run);
    try {
      return await run;
    } finally {
      running.delete(run);
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
    load,
    close: () => ending ??= end(),
  };
}
