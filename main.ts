/** Wires the parts together: settings → site → database → migrations → provider → schedule. */
import { getLogger } from "@logtape/logtape";
import { type Chandlery, openChandlery } from "./chandlery.ts";
import { configureLogs, fail } from "./command_line.ts";
import { loadConfig } from "./config.ts";
import { showProgress } from "./etl/progress.ts";
import { logReport } from "./etl/report.ts";
import type { RunReport } from "./etl/run.ts";
import { OperatorError, TerminalError } from "./market/errors.ts";
import { serveSite } from "./serve.ts";

const logger = getLogger(["chandlery"]);

await start().catch(fail);

async function start(): Promise<void> {
  const config = loadConfig();
  configureLogs(config.logLevel);
  // The port first: one that is in use must be known before anything is touched.
  const opened = Promise.withResolvers<Chandlery>();
  const server = serveSite(config, opened.promise);
  // Deno Deploy finds the schedule by running this module: it is registered before the first await.
  Deno.cron(
    "Load candles",
    config.etlCron,
    () =>
      opened.promise.then((chandlery) => chandlery.load("cron")).then(
        logReport,
        (error) => logger.error("The run could not end: {error}", { error }),
      ),
  );

  const chandlery = await openChandlery(config, () => new Date());
  opened.resolve(chandlery);
  const { hostname, port } = server.addr;
  console.log(
    `Chandlery serves http://${hostname}:${port}/\n` +
      `The data is ${chandlery.sourceNote}\n` +
      `It is kept in ${chandlery.database.description}.`,
  );
  // Deno Deploy starts and ends many instances as it likes: only the schedule loads there.
  if (config.isDeploy) return;
  endOnSignal(async () => {
    await server.shutdown();
    await chandlery.close();
  });
  await catchUp(chandlery);
}

async function catchUp(chandlery: Chandlery): Promise<void> {
  const progress = showProgress("Loading");
  try {
    const report = await chandlery.load("start", progress.update);
    progress.stop();
    logReport(report);
    throwWhenUseless(report);
  } finally {
    progress.stop();
  }
}

/** A start with a wrong key would go on for ever without a candle: better to say so and end. */
function throwWhenUseless(report: RunReport): void {
  if (report.status === "locked" || !(report.error instanceof TerminalError)) return;
  if (report.error.reason === "day_credits") return;
  throw new OperatorError(report.error.message, { cause: report.error });
}

/** The first Ctrl-C ends after what is being answered and written, a second one at once. */
function endOnSignal(close: () => Promise<void>): void {
  let isEnding = false;
  const end = () => {
    if (isEnding) Deno.exit(130);
    isEnding = true;
    close().then(() => Deno.exit(0), fail);
  };
  Deno.addSignalListener("SIGINT", end);
  Deno.addSignalListener("SIGTERM", end);
}
