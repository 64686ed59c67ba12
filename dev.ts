/** What `deno task dev` puts behind Vite's development server: the same as main.ts, opened once. */
import { getLogger } from "@logtape/logtape";
import { openChandlery } from "./chandlery.ts";
import { configureLogs, fail } from "./command_line.ts";
import { loadConfig } from "./config.ts";
import { logReport } from "./etl/report.ts";
import type { SiteEnv } from "./routes/_env.ts";

let opening: Promise<SiteEnv> | undefined;

/** The site's environment; the first call opens it and catches up. */
export function openDevEnv(): Promise<SiteEnv> {
  return opening ??= open().catch(fail);
}

async function open(): Promise<SiteEnv> {
  const config = loadConfig();
  configureLogs(config.logLevel);
  const chandlery = await openChandlery(config, () => new Date());
  const load = (trigger: "start" | "cron") =>
    chandlery.load(trigger).then(
      logReport,
      (error) => getLogger(["chandlery"]).error("The run could not end: {error}", { error }),
    );
  Deno.cron("Load candles", config.etlCron, () => load("cron"));
  load("start");
  return chandlery;
}
