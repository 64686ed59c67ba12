/** Real `deno` child processes, for tests of what happens between processes. */
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

export interface Child {
  pid: number;
  kill(signal: Deno.Signal): void;
  /** Waits for the next line of its standard output, parsed as JSON; null when it has ended. */
  nextValue(): Promise<unknown>;
  /** Writes a line to its standard input. */
  send(line: string): Promise<void>;
  /** Waits for its end. */
  finish(): Promise<{ code: number; stderr: string }>;
}

const PRELUDE = `
  import { openDatabase } from ${JSON.stringify(new URL("db/connect.ts", ROOT).href)};
  import { explainDatabaseError, isConnectionLost } from ${
  JSON.stringify(new URL("db/errors.ts", ROOT).href)
};
  import { migrate } from ${JSON.stringify(new URL("db/migrate.ts", ROOT).href)};
  import { inTransaction } from ${JSON.stringify(new URL("db/transaction.ts", ROOT).href)};
  const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
  const signal = () => input.read();
  const print = (value) => console.log(JSON.stringify(value));
`;

/**
 * Runs TypeScript in a new process. It finds `openDatabase`, `migrate`, `explainDatabaseError`, `isConnectionLost`, `inTransaction`,
 * `print(value)` (one line of JSON) and `signal()` (waits for {@linkcode Child.send}).
 */
export function spawnScript(code: string): Child {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--ext=ts", PRELUDE + code],
    cwd: fileURLToPath(ROOT),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines = readLines(process.stdout);
  const stderr = new Response(process.stderr).text();
  const stdin = process.stdin.getWriter();
  return {
    pid: process.pid,
    kill: (signal) => process.kill(signal),
    async nextValue() {
      const { value } = await lines.next();
      return value === undefined ? null : JSON.parse(value);
    },
    send: (line) => stdin.write(new TextEncoder().encode(`${line}\n`)),
    async finish() {
      // A child that reads ahead lives as long as its input does.
      await stdin.close().catch(() => {});
      for await (const line of lines) void line;
      const { code } = await process.status;
      return { code, stderr: await stderr };
    },
  };
}

async function* readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
