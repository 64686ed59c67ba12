/** Progress of long work: a bar on a terminal, plain lines elsewhere. */
import cliProgress from "cli-progress";
import process from "node:process";
import type { Credits } from "./credits.ts";
import type { RunProgress } from "./record.ts";

export interface ProgressDisplay {
  update(progress: RunProgress): void;
  /** Takes the bar away, so that other lines can be printed. */
  stop(): void;
}

/** Shows progress on the standard error, so that the standard output stays clean for scripts. */
export function showProgress(title: string): ProgressDisplay {
  return Deno.stderr.isTerminal() ? showBar(title) : showLines(title);
}

/**
 * What is left of the credits, and when `needed` more of them will be spent; undefined without a limit.
 */
export async function describeCredits(
  credits: Credits,
  needed: number,
): Promise<string | undefined> {
  const { minute, day } = await credits.left();
  if (!Number.isFinite(minute)) return undefined;
  const end = await credits.estimateEnd(needed);
  const today = day === null ? "" : `, the day ${day}`;
  return `the minute has ${minute} credits left${today} · done by ${endText(end)}`;
}

function endText(end: Date): string {
  return `${end.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function showBar(title: string): ProgressDisplay {
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {value}/{total} {text}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  }, cliProgress.Presets.shades_classic);
  let started = false;
  return {
    update(progress) {
      const { done, total } = progress;
      const text = textOf(progress);
      if (started) bar.setTotal(total);
      else bar.start(total, done, { text });
      bar.update(done, { text });
      started = true;
    },
    stop: () => bar.stop(),
  };
}

function showLines(title: string): ProgressDisplay {
  return {
    update: (progress) =>
      console.error(`${title} ${progress.done}/${progress.total} ${textOf(progress)}`),
    stop: () => {},
  };
}

function textOf({ label, detail }: RunProgress): string {
  return detail === undefined ? label : `${label} · ${detail}`;
}
