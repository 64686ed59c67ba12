/** `deno task simulator`: a stand-in for Twelve Data on a socket, until Ctrl-C. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { OperatorError } from "../market/errors.ts";
import { Symbol } from "../market/instrument.ts";
import { FAULT_KINDS, type FaultRates, parseFault } from "./faults.ts";
import { readReplay } from "./replay.ts";
import { serveSimulator } from "./serve.ts";
import { DEFAULT_SEED } from "./simulator.ts";

interface Flags {
  port: number;
  host: string;
  seed: number;
  replay?: string;
  creditsPerMinute?: number;
  creditsPerDay?: number;
  key?: string;
  fault: FaultRates;
  gate: Record<string, string>;
}

const command = new Command("simulator")
  .description("Serves simulated or replayed candles over Twelve Data's wire contract.")
  .option("--port <number>", "port to listen on; 0 takes a free one", whole(0, 65_535), 8790)
  .option("--host <name>", "address to listen on", "127.0.0.1")
  .option("--seed <number>", "which prices are drawn", whole(0, 2 ** 31 - 1), DEFAULT_SEED)
  .option("--replay <folder>", "serve the candles of the CSV files in this folder instead")
  .option("--credits-per-minute <number>", "refuse with 429 beyond it", whole(1, 1e9))
  .option("--credits-per-day <number>", "refuse with 429 beyond it", whole(1, 1e9))
  .option("--key <text>", "the only API key that is accepted; without it any is")
  .option(
    "--fault <kind=rate>",
    `a fault at a rate from 0 to 1: ${FAULT_KINDS.join(", ")}`,
    oneMore(parseFault),
    {},
  )
  .option("--gate <symbol=plan>", "refuse the symbol as beyond the plan", oneMore(parseGate), {})
  .allowExcessArguments(false)
  .showSuggestionAfterError(false)
  .exitOverride();

try {
  const flags = command.parse(Deno.args, { from: "user" }).opts<Flags>();
  const { url, shutdown } = serveSimulator({
    port: flags.port,
    hostname: flags.host,
    seed: flags.seed,
    credits: { perMinute: flags.creditsPerMinute, perDay: flags.creditsPerDay },
    apiKey: flags.key,
    faults: flags.fault,
    gatedSymbols: flags.gate,
    market: flags.replay === undefined ? undefined : await readReplay(flags.replay),
  });
  const origin = flags.replay === undefined ? `seed ${flags.seed}` : `replay of ${flags.replay}`;
  console.log(`The simulator listens on ${url} (${origin}). Ctrl-C ends it.`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => shutdown().then(() => Deno.exit(0)));
  }
} catch (error) {
  if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? 0 : 1);
  if (!(error instanceof OperatorError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}

/** An option that may be given several times. */
function oneMore<T extends object>(parse: (text: string) => T): (text: string, before: T) => T {
  return (text, before) => ({ ...before, ...parse(text) });
}

function parseGate(text: string): Record<string, string> {
  const [symbol = "", plan = ""] = text.split("=");
  if (Symbol.safeParse(symbol).success && plan !== "") return { [symbol.toUpperCase()]: plan };
  throw new OperatorError(
    `Cannot gate "${text}": it must be a symbol and the plan it needs, as AAPL=Grow`,
  );
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
