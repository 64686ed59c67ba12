/** `deno task db:migrate`: brings schema `market` of the settings' database up to date. */
import { configureLogs, runCommandLine } from "../command_line.ts";
import { loadConfig } from "../config.ts";
import { openDatabase } from "./connect.ts";
import { migrate } from "./migrate.ts";

await runCommandLine(async () => {
  const config = loadConfig();
  configureLogs(config.logLevel);
  const database = await openDatabase(config);
  try {
    const { from, to } = await migrate(database.sql);
    console.log(
      from === to
        ? `Schema market is at version ${to} already, in ${database.description}.`
        : `Schema market went from version ${from} to ${to}, in ${database.description}.`,
    );
    return 0;
  } finally {
    await database.close();
  }
});
