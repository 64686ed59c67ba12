/** How long a newcomer waits: from `deno task start` to the served page, first and next time. */
import { join } from "node:path";
import { median } from "./measure.ts";

const ROOT = join(import.meta.dirname!, "..");
const ROUNDS = 5;
/** What the README promises, in seconds. */
const LIMITS = { filled: 15, next: 5 };

/**
 * Prints medians of {@linkcode ROUNDS} starts on an empty folder, which build the site too, and on the filled one, and
 * as ratios to the limits and to a start of `deno` that does nothing.
 */
export async function benchStart(): Promise<void> {
  const times = {
    bare: [] as number[],
    served: [] as number[],
    filled: [] as number[],
    next: [] as number[],
  };
  for (let round = 0; round < ROUNDS; round++) {
    times.bare.push(await timeBareStart());
    const folder = await Deno.makeTempDir({ prefix: "chandlery-bench-" });
    try {
      await Deno.remove(join(ROOT, "dist"), { recursive: true }).catch(() => {});
      const first = await timeStart(folder);
      times.served.push(first.served);
      times.filled.push(first.filled);
      times.next.push((await timeStart(folder)).served);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  const bare = median(times.bare);
  const print = (what: string, seconds: number, limit?: number) =>
    console.log(
      [
        what.padEnd(28),
        `${seconds.toFixed(2)} s`.padStart(8),
        `${(seconds / bare).toFixed(0)} bare starts`.padStart(16),
        limit === undefined ? "" : `${(seconds / limit).toFixed(2)} of ${limit} s`.padStart(16),
      ].join(" ").trimEnd(),
    );
  print("bare start of deno", bare);
  print("first start, page served", median(times.served));
  print("first start, all filled", median(times.filled), LIMITS.filled);
  print("next start, page served", median(times.next), LIMITS.next);
}

async function timeBareStart(): Promise<number> {
  const begin = performance.now();
  await new Deno.Command(Deno.execPath(), { args: ["eval", ""] }).output();
  return (performance.now() - begin) / 1000;
}

/** Seconds until the overview answers, and until the first run has ended. */
async function timeStart(folder: string): Promise<{ served: number; filled: number }> {
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "start"],
    cwd: ROOT,
    env: { DATA_DIR: folder, PORT: "0", TWELVE_DATA_API_KEY: "", DATABASE_URL: "" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const address = Promise.withResolvers<string>();
  const filled = Promise.withResolvers<number>();
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    let text = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const found = /serves (http:\S+)/.exec(text)?.[1];
      if (found) address.resolve(found);
      if (/Run \d+: ok/.test(text)) filled.resolve(seconds());
    }
    const ended = new Error(`The start ended early:\n${text}`);
    address.reject(ended);
    filled.reject(ended);
  };
  const reading = Promise.all([read(process.stdout), read(process.stderr)]);
  await (await fetch(await address.promise)).body?.cancel();
  const times = { served: seconds(), filled: await filled.promise };
  process.kill("SIGINT");
  await Promise.all([process.status, reading]);
  return times;
}
