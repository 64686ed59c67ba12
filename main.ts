/** Wires the parts together: settings → site → database → migrations → provider → schedule. */
import { getLogger } from "@logtape/logtape";
import { configureLogs, fail } from "./command_line.ts";
import { loadConfig } from "./config.ts";
import { openDatabase } from "./db/connect.ts";
import { migrate } from "./db/migrate.ts";
import type { RunTrigger } from "./db/runs.ts";
import { showProgress } from "./etl/progress.ts";
import { runEtl, type RunReport } from "./etl/run.ts";
import { OperatorError, TerminalError } from "./market/errors.ts";
import { openProvider } from "./provider.ts";
import { serveSite } from "./serve.ts";

const logger = getLogger(["chandlery"]);
const now = () => new Date();
const stop = new AbortController();

await start().catch((error) => stop.signal.aborted || fail(error));

async function start(): Promise<void> {
  const config = loadConfig();
  configureLogs(config.logLevel);
  // The port first: one that is in use must be known before anything is touched.
  const parts = Promise.withResolvers<Awaited<ReturnType<typeof openParts>>>();
  const server = serveSite(config, parts.promise);

  let running: Promise<unknown> = Promise.resolve();
  const load = (trigger: RunTrigger): Promise<RunReport> => {
    const run = runOnce(trigger);
    running = Promise.allSettled([running, run]);
    return run;
  };
  const runOnce = async (trigger: RunTrigger): Promise<RunReport> => {
    const { symbols, intervals } = config;
    // Somebody watches the first run; the scheduled ones are a line in the log each.
    const progress = trigger === "start" ? showProgress("Loading") : undefined;
    try {
      return await runEtl(
        { ...await parts.promise, now, signal: stop.signal, onProgress: progress?.update },
        { trigger, symbols, intervals },
      );
    } finally {
      progress?.stop();
    }
  };
  // Deno Deploy finds the schedule by running this module: it is registered before the first await.
  Deno.cron("Load candles", config.etlCron, () =>
    load("cron").then(
      logRun,
      (error) => logger.error("The run could not end: {error}", { error }),
    ));

  const opened = await openParts(config);
  parts.resolve(opened);
  const { database, sourceNote } = opened;
  const { hostname, port } = server.addr;
  console.log(
    `Chandlery serves http://${hostname}:${port}/\n` +
      `The data is ${sourceNote}\n` +
      `It is kept in ${database.description}.`,
  );
  // Deno Deploy starts and ends many instances as it likes: only the schedule loads there.
  if (config.isDeploy) return;

  endOnSignal(async () => {
    await Promise.all([server.shutdown(), running]);
    await database.close();
  });
  const report = await load("start");
  logRun(report);
  throwWhenUseless(report);
}

async function openParts(config: ReturnType<typeof loadConfig>) {
  const database = await openDatabase(config);
  await migrate(database.sql);
  return { database, sql: database.sql, now, ...await openProvider(config, now) };
}

function logRun(report: RunReport): void {
  if (report.status === "locked") {
    logger.info("Another run is under way: nothing was done");
    return;
  }
  const { status, runId, steps, durationMs, error } = report;
  const inserted = steps.reduce((sum, step) => sum + step.candlesInserted, 0);
  const log = status === "ok" ? logger.info : logger.warn;
  log.call(logger, "Run {runId}: {status}, {inserted} new candles in {seconds} s{reason}", {
    runId,
    status,
    inserted,
    seconds: (durationMs / 1000).toFixed(1),
    reason: error ? `: ${error.message}` : "",
  });
  for (const step of steps) {
    if (step.error !== null && step.cause !== error) {
      logger.warn("{symbol} {candleInterval}: {error}", { ...step });
    }
  }
}

/** A start with a wrong key would go on for ever without a candle: better to say so and end. */
function throwWhenUseless(report: RunReport): void {
  if (report.status === "locked") return;
  const { error } = report;
  if (error instanceof TerminalError && error.reason !== "day_credits") {
    throw new OperatorError(error.message, { cause: error });
  }
}

/** Ctrl-C ends the run between two writes, the site after its open answers; a second one ends at once. */
function endOnSignal(close: () => Promise<void>): void {
  const end = () => {
    if (stop.signal.aborted) Deno.exit(130);
    stop.abort(new Error("stopped by a signal"));
    close().then(() => Deno.exit(0), fail);
  };
  Deno.addSignalListener("SIGINT", end);
  Deno.addSignalListener("SIGTERM", end);
}
