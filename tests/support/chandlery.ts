/** The whole program as a process of its own: `deno run main.ts` and `deno run etl/cli.ts`. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** A machine that is busy with other tests may take this long; a hang takes longer. */
const WAIT_LIMIT_MS = 120_000;

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Running {
  pid: number;
  /** Everything it has printed, both streams. */
  readonly output: string;
  /** Waits until it has printed a line that matches; throws with the output when it ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until it has printed the address that it serves, and gives it without the last slash. */
  waitForAddress(): Promise<string>;
  kill(signal: Deno.Signal): void;
  /** Waits for its end; 128 + the number of the signal when one ended it. */
  finish(): Promise<{ code: number; output: string }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Settings of the process; nothing of this process's environment but what starts a program. */
export type Environment = Record<string, string>;

/** `deno task start` without the build, on a free port. */
export function startSite(cwd: string, env: Environment, flags: string[] = ["-A"]): Running {
  return run(cwd, [...flags, `${ROOT}main.ts`], { PORT: "0", ...env });
}

/** `deno task start` itself, in the project's folder: the build, and the site as a process below it. */
export function startTask(env: Environment & { DATA_DIR: string }): Running {
  return spawn(ROOT, ["task", "start"], env);
}

/** `deno task etl`. */
export function startEtl(cwd: string, env: Environment, args: string[] = []): Running {
  return run(cwd, ["-A", `${ROOT}etl/cli.ts`, ...args], env);
}

/** Whether {@linkcode startOnTerminal} works here. */
export const HAS_TERMINAL = Deno.build.os === "linux" && await hasProgram("script");

/** The site on a pseudo-terminal, as a person sees it. */
export function startOnTerminal(cwd: string): Running {
  const command =
    `"${Deno.execPath()}" run --quiet -A --config "${ROOT}deno.json" "${ROOT}main.ts"`;
  return spawn(cwd, ["-qefc", command, "/dev/null"], { PORT: "0", TERM: "xterm" }, "script");
}

async function hasProgram(name: string): Promise<boolean> {
  try {
    return (await new Deno.Command(name, { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

function run(cwd: string, args: string[], env: Environment): Running {
  return spawn(cwd, ["run", "--quiet", "--config", `${ROOT}deno.json`, ...args], env);
}

function spawn(
  cwd: string,
  args: string[],
  env: Environment,
  program = Deno.execPath(),
): Running {
  const inherited = ["PATH", "HOME", "DENO_DIR", "TMPDIR"]
    .flatMap((name) => Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : []);
  const process = new Deno.Command(program, {
    args,
    cwd,
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), DATA_DIR: `${cwd}/data`, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  let isEnded = false;
  const watchers = new Set<() => void>();
  const notify = () => watchers.forEach((watcher) => watcher());
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      notify();
    }
  };
  const ended = Promise.all([process.status, read(process.stdout), read(process.stderr)])
    .then(([status]) => {
      isEnded = true;
      notify();
      return status;
    });
  const waitFor = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const giveUp = (why: string) => {
        stopWatching();
        reject(new Error(`${why} without ${pattern}:\n${output}`));
      };
      const deadline = setTimeout(giveUp, WAIT_LIMIT_MS, "It went on for long");
      const watcher = () => {
        const match = pattern.exec(output);
        if (!match) return isEnded && giveUp("It ended");
        stopWatching();
        resolve(match);
      };
      const stopWatching = () => {
        clearTimeout(deadline);
        watchers.delete(watcher);
      };
      watchers.add(watcher);
      watcher();
    });
  return {
    pid: process.pid,
    get output() {
      return output;
    },
    waitFor,
    waitForAddress: async () => (await waitFor(/serves (http:\S+)\/\n/))[1]!,
    kill: (signal) => process.kill(signal),
    finish: async () => ({ code: (await ended).code, output }),
    async [Symbol.asyncDispose]() {
      if (!isEnded) process.kill("SIGKILL");
      await ended;
    },
  };
}

/** It ended with an exit code that is not 0 and exactly one line that says why, which is given back. */
export async function onlyErrorLine(running: Running): Promise<string> {
  const { code, output } = await running.finish();
  assert.notEqual(code, 0, output);
  const lines = output.split("\n").filter((line) => line.startsWith("error: "));
  assert.equal(lines.length, 1, output);
  assert.doesNotMatch(output, /^\s+at /m, "no stack");
  return lines[0]!;
}
