/** What `deno task dev` puts behind Vite's development server: the same as main.ts, opened once. */
import { resolve } from "node:path";
import { getLogger } from "@logtape/logtape";
import type { ServerOptions } from "vite";
import { openChandlery } from "./chandlery.ts";
import { configureLogs, fail, reasonOf } from "./command_line.ts";
import { loadConfig } from "./config.ts";
import { logReport } from "./etl/report.ts";
import type { SiteEnv } from "./routes/_env.ts";

const logger = getLogger(["chandlery"]);
/** Vite loads this module anew when it restarts; what is open stays open. */
const kept: typeof globalThis & { chandleryDev?: Promise<SiteEnv> } = globalThis;

/**
 * Where Vite is to serve, the settings' address or none, and what it is not to watch: HonoX starts the
 * server again at each new file, and the database makes files as it goes.
 */
export function devServer(): ServerOptions {
  const { host, port, dataDir } = orFail(loadConfig);
  const ignored = [dataDir, "dist"].map((folder) => `${resolve(folder)}/**`);
  return { host, port, strictPort: true, watch: { ignored } };
}

function orFail<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return fail(error);
  }
}

/** The site's environment; the first call opens it and catches up. */
export function openDevEnv(): Promise<SiteEnv> {
  return kept.chandleryDev ??= open().catch(fail);
}

async function open(): Promise<SiteEnv> {
  const config = loadConfig();
  configureLogs(config.logLevel);
  const chandlery = await openChandlery(config, () => new Date());
  const load = (trigger: "start" | "cron") =>
    chandlery.load(trigger).then(
      logReport,
      (error) => logger.error("The run could not end: {reason}", { reason: reasonOf(error) }),
    );
  Deno.cron("Load candles", config.etlCron, () => load("cron"));
  load("start");
  const { sourceNote, database } = chandlery;
  console.log(`The data is ${sourceNote}\nIt is kept in ${database.description}.`);
  return chandlery;
}
