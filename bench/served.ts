/** Servers in processes of their own, for the benches. */
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..");

export interface Served {
  /** Ends with a slash. */
  baseUrl: string;
  /** Resolves to the match of the first output that has it. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

/** Runs a script that says `serves http://…/`, and waits until it does. */
export async function serveScript(
  script: string,
  env: Record<string, string> = {},
): Promise<Served> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", script],
    cwd: ROOT,
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  let isEnded = false;
  const watchers = new Set<() => void>();
  const tell = () => watchers.forEach((watcher) => watcher());
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      output += chunk;
      tell();
    }
  };
  const ended = Promise.all([read(process.stdout), read(process.stderr), process.status])
    .then(() => {
      isEnded = true;
      tell();
    });
  function waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const watcher = () => {
        const match = pattern.exec(output);
        if (!match && !isEnded) return;
        watchers.delete(watcher);
        if (match) resolve(match);
        else reject(new Error(`${script} ended without ${pattern}:\n${output}`));
      };
      watchers.add(watcher);
      watcher();
    });
  }
  const [, baseUrl] = await waitFor(/serves (http:\S+)/);
  return {
    baseUrl: baseUrl!,
    waitFor,
    async stop() {
      if (!isEnded) process.kill("SIGINT");
      await ended;
    },
  };
}
