/** Wires the parts together: settings → site → database → migrations → provider → schedule. */
import { getLogger } from "@logtape/logtape";
import { type Chandlery, openChandlery } from "./chandlery.ts";
import { configureLogs, fail, reasonOf } from "./command_line.ts";
import { loadConfig } from "./config.ts";
import { ensureAdminToken } from "./db/admin.ts";
import { isConnectionLost } from "./db/errors.ts";
import { showProgress } from "./etl/progress.ts";
import { logReport } from "./etl/report.ts";
import type { RunReport } from "./etl/record.ts";
import { OperatorError, TerminalError } from "./market/errors.ts";
import { addressOf, serveSite } from "./serve.ts";

const logger = getLogger(["chandlery"]);
const parent = Deno.ppid;
const SAME_CTRL_C_MS = 1000;
const PARENT_CHECK_MS = 100;

await start().catch(fail);

async function start(): Promise<void> {
  const config = loadConfig();
  configureLogs(config.logLevel);
  const opened = Promise.withResolvers<Chandlery>();
  opened.promise.catch(() => {});
  // Deno Deploy finds the schedule by running this module: it is registered before the first await.
  Deno.cron("Load candles", config.etlCron, async () => {
    await opened.promise.then((chandlery) => chandlery.load("cron")).then(
      logReport,
      (error) => logger.error("The run could not end: {reason}", { reason: reasonOf(error) }),
    );
  });
  // The port before the database: one that is in use must be known before anything is touched.
  const server = await serveSite(config, opened.promise);
  const chandlery = await openChandlery(config, () => new Date());
  opened.resolve(chandlery);
  console.log(
    `Chandlery serves ${addressOf(server)}\n` +
      `The data is ${chandlery.sourceNote}\n` +
      `It is kept in ${chandlery.database.description}.`,
  );
  if (config.adminToken === undefined) await showNewAdminToken(chandlery);
  // Deno Deploy starts and ends many instances as it likes: only the schedule loads there.
  if (config.isDeploy) return;
  endOnSignal(async () => {
    await server.shutdown();
    await chandlery.close();
  });
  await catchUp(chandlery);
}

/** The database keeps a digest only, so this is the one time that the token can be told. */
async function showNewAdminToken({ sql, now }: Chandlery): Promise<void> {
  const token = await ensureAdminToken(sql, now());
  if (token === null) return;
  console.log(
    `Changes through the web need this token, shown only now: ${token}\n` +
      "To choose one of your own, set ADMIN_TOKEN.",
  );
}

async function catchUp(chandlery: Chandlery): Promise<void> {
  const progress = showProgress("Loading");
  try {
    const report = await chandlery.load("start", progress.update);
    progress.stop();
    throwWhenUseless(report);
    logReport(report);
  } catch (error) {
    // The site is up and the database may come back: the next scheduled run goes on.
    if (!isConnectionLost(error)) throw error;
    logger.error("The run could not end: {reason}", { reason: reasonOf(error) });
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

/**
 * The first signal ends after what is being answered and written, a later one at once. A terminal sends
 * Ctrl-C to us and to `deno task`, which passes it on: what comes right behind is the same Ctrl-C.
 */
function endOnSignal(close: () => Promise<void>): void {
  let endingSince: number | undefined;
  const end = () => {
    if (endingSince !== undefined) {
      if (performance.now() - endingSince > SAME_CTRL_C_MS) Deno.exit(130);
      return;
    }
    endingSince = performance.now();
    close().then(() => Deno.exit(0), fail);
  };
  Deno.addSignalListener("SIGINT", end);
  Deno.addSignalListener("SIGTERM", end);
  if (Deno.args.includes("--end-with-parent")) endWithParent(end);
}

/** `deno task start` runs us in a process of our own; one that is killed must not leave us behind. */
function endWithParent(end: () => void): void {
  const watch = setInterval(() => {
    if (Deno.ppid === parent) return;
    clearInterval(watch);
    end();
  }, PARENT_CHECK_MS);
}
