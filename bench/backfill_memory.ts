/** How much memory a long backfill needs. Started as a program it is that backfill. */
import { openDatabase } from "../db/connect.ts";
import { migrate } from "../db/migrate.ts";
import { runBackfill } from "../etl/backfill.ts";
import { sumOf } from "../tests/support/etl.ts";
import { startPostgres } from "../tests/support/postgres.ts";
import { median, printTarget } from "./measure.ts";
import { dependenciesOf, NOW } from "./simulated_run.ts";

const ROUNDS = 5;
const CANDLES = 1_000_000;
const MINUTE_MS = 60_000;

/**
 * Prints the most that the process of a backfill of a million candles ever had resident: the median of
 * {@linkcode ROUNDS}, and how far they lie apart, as the garbage collector is in no hurry.
 */
export async function benchBackfillMemory(): Promise<void> {
  if (Deno.build.os !== "linux") {
    console.log("resident memory of a backfill: not measured, as only Linux tells its peak");
    return;
  }
  const server = await startPostgres();
  try {
    const peaks: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      peaks.push(await measureBackfill(await server.createDatabase(`round_${round}`)));
    }
    const [least, most] = [Math.min(...peaks), Math.max(...peaks)].map(Math.round);
    console.log(`a backfill of 1,000,000 candles: ${least} to ${most} MB resident at its peak`);
    printTarget("resident memory of that backfill", median(peaks), { atMost: 300 }, " MB");
  } finally {
    await server.stop();
  }
}

/** In megabytes, by a process of its own. */
async function measureBackfill(databaseUrl: string): Promise<number> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", import.meta.filename!, databaseUrl],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The backfill failed");
  return Number(new TextDecoder().decode(stdout));
}

/** The simulator is in the process too, as it is for everyone without a key. */
async function backfill(databaseUrl: string): Promise<void> {
  const database = await openDatabase({ databaseUrl, dataDir: "unused" });
  await migrate(database.sql);
  const report = await runBackfill(dependenciesOf(database), {
    symbols: ["BTC/USD"],
    intervals: ["1min"],
    isOnlyThese: true,
    from: new Date(NOW.getTime() - CANDLES * MINUTE_MS),
  });
  await database.close();
  if (sumOf(report, "candlesInserted") < CANDLES) {
    throw new Error(`The backfill should bring ${CANDLES} candles: ${JSON.stringify(report)}`);
  }
}

/** In megabytes. */
function peakResident(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024 / 1e6;
}

if (import.meta.main) {
  await backfill(Deno.args[0]!);
  console.log(peakResident());
}
