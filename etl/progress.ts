/** Progress of long work: a bar on a terminal, plain lines elsewhere. */
import cliProgress from "cli-progress";
import process from "node:process";
import type { RunProgress } from "./run.ts";

export interface ProgressDisplay {
  update(progress: RunProgress): void;
  /** Takes the bar away, so that other lines can be printed. */
  stop(): void;
}

/** Shows progress on the standard error, so that the standard output stays clean for scripts. */
export function showProgress(title: string): ProgressDisplay {
  return Deno.stderr.isTerminal() ? showBar(title) : showLines(title);
}

function showBar(title: string): ProgressDisplay {
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {value}/{total} {label}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  }, cliProgress.Presets.shades_classic);
  let started = false;
  return {
    update({ done, total, label }) {
      if (started) bar.update(done, { label });
      else bar.start(total, done, { label });
      started = true;
    },
    stop: () => bar.stop(),
  };
}

function showLines(title: string): ProgressDisplay {
  return {
    update: ({ done, total, label }) => console.error(`${title} ${done}/${total} ${label}`),
    stop: () => {},
  };
}
