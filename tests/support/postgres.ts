/** A PostgreSQL server of our own for tests: a throw-away cluster on a free port. */
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { copyFolder, prepareFolder } from "./prepared.ts";

export interface PostgresServer {
  /** Where to reach a database of it; without a name, `postgres`. */
  url(database?: string): string;
  /** `PostgreSQL 15`, as test names say it. */
  name: string;
  /** The server's process id. */
  pid: number;
  /** Makes an empty database and answers its address. */
  createDatabase(name: string): Promise<string>;
  /** What `pg_dump` writes of a database, less the random key that it makes up for each dump. */
  dump(database: string, ...args: string[]): Promise<string>;
  /** Runs a program of PostgreSQL's `bin` folder against the server; answers its standard output. */
  run(program: string, ...args: string[]): Promise<string>;
  /**
   * Stops the server as a power cut does, and starts it again with the same data and port once
   * `whileDown` has ended.
   */
  restart(whileDown: () => Promise<void>): Promise<void>;
  /** Ends the server and removes its files; the end of this process does the same. */
  stop(): Promise<void>;
}

/**
 * Starts the server, says so, and keeps it for as long as its input stays open: the kernel closes that
 * with the test process, however it ends.
 */
const GUARDIAN = `
  trap '' INT TERM
  "$1/pg_ctl" start -w -t 60 -D "$2/data" -l "$2/log" -o "$3" >&2 </dev/null || cat "$2/log" >&2
  head -n 1 "$2/data/postmaster.pid"
  exec >/dev/null 2>&1
  cat >/dev/null
  "$1/pg_ctl" stop -D "$2/data" -m immediate
  rm -rf "$2"
`;

export const NO_SERVER = "PostgreSQL is not installed: apt-get install postgresql";

/** Debian keeps the server's programs out of PATH, one folder per version. */
export function findPostgres(): { bin: string; name: string } | null {
  for (const initdb of initdbCandidates()) {
    try {
      const bin = dirname(Deno.realPathSync(initdb));
      const { stdout } = new Deno.Command(join(bin, "postgres"), { args: ["--version"] })
        .outputSync();
      const version = /(\d+)/.exec(new TextDecoder().decode(stdout))?.[1];
      if (version) return { bin, name: `PostgreSQL ${version}` };
    } catch {
      continue;
    }
  }
  return null;
}

/**
 * Makes a cluster and starts it. Every user may log in without a password, but for one named `guarded`.
 *
 * @param options.files written into the server's folder, which is also where it runs from
 *
 * @throws when PostgreSQL is not installed or does not start; the message has what it said.
 */
export async function startPostgres(
  options: { settings?: Record<string, string>; files?: Record<string, Uint8Array> } = {},
): Promise<PostgresServer> {
  const found = findPostgres();
  if (!found) throw new Error(NO_SERVER);
  const dir = await Deno.makeTempDir({ prefix: "chandlery-pg-" });
  const owner = serverUser();
  if (owner) await Deno.chown(dir, owner.uid, owner.gid);
  const port = await freePort();

  const command = (program: string, args: string[]) =>
    new Deno.Command(join(found.bin, program), {
      args,
      cwd: dir,
      ...(owner ?? {}),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  const data = join(dir, "data");
  const cluster = await prepareFolder(found.name.replace(" ", "-"), async (folder) => {
    // Made where its owner may go, which the folder of the sources may not be.
    await output(command("initdb", [
      ...["-D", data, "-U", "chandlery", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8"],
      "--no-sync",
    ]));
    await copyFolder(data, join(folder, "data"));
    await Deno.remove(data, { recursive: true });
  });
  await copyFolder(join(cluster, "data"), data);
  for (const [name, bytes] of Object.entries(options.files ?? {})) {
    await Deno.writeFile(join(data, name), bytes, { mode: 0o600 });
    if (owner) await Deno.chown(join(data, name), owner.uid, owner.gid);
  }
  const hba = join(data, "pg_hba.conf");
  const rules = await Deno.readTextFile(hba);
  await Deno.writeTextFile(hba, `host all guarded all scram-sha-256\n${rules}`);
  const settings = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: dir,
    fsync: "off",
    max_connections: "60",
    ...options.settings,
  };
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`).join(" ");
  const guardian = new Deno.Command("sh", {
    args: ["-c", GUARDIAN, "sh", found.bin, dir, flags],
    cwd: "/",
    ...(owner ?? {}),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // Else it would be killed with this process, before it can end the server.
    detached: true,
  }).spawn();
  const [said, complaint] = await Promise.all([
    new Response(guardian.stdout).text(),
    new Response(guardian.stderr).text(),
  ]);
  const pid = Number(said);
  if (!pid) throw new Error(complaint);
  const address = ["-h", "127.0.0.1", "-p", String(port), "-U", "chandlery"];
  const run = (program: string, ...args: string[]) =>
    output(command(program, [...address, ...args]));

  const server: PostgresServer = {
    url: (database = "postgres") => `postgres://chandlery@127.0.0.1:${port}/${database}`,
    name: found.name,
    pid,
    async createDatabase(name) {
      await run("createdb", name);
      return server.url(name);
    },
    async dump(database, ...args) {
      const text = await run("pg_dump", "-d", database, ...args);
      return text.replaceAll(/^(\\(?:un)?restrict) .*$/gm, "$1");
    },
    run,
    async restart(whileDown) {
      await output(command("pg_ctl", ["stop", "-w", "-D", data, "-m", "immediate"]));
      try {
        await whileDown();
      } finally {
        const start = ["start", "-w", "-t", "60", "-D", data, "-l", join(dir, "log"), "-o", flags];
        await output(command("pg_ctl", start));
        server.pid = Number((await Deno.readTextFile(join(data, "postmaster.pid"))).split("\n")[0]);
      }
    },
    async stop() {
      await guardian.stdin.close();
      await guardian.status;
    },
  };
  return server;
}

function* initdbCandidates(): Generator<string> {
  try {
    const versions = [...Deno.readDirSync("/usr/lib/postgresql")].map(({ name }) => name);
    versions.sort((a, b) => Number(b) - Number(a));
    for (const version of versions) yield `/usr/lib/postgresql/${version}/bin/initdb`;
  } catch {
    // Not Debian.
  }
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) yield join(folder, "initdb");
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, whom its package makes. */
function serverUser(): { uid: number; gid: number } | null {
  if (Deno.uid() !== 0) return null;
  const line = Deno.readTextFileSync("/etc/passwd").split("\n")
    .find((entry) => entry.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) throw new Error("There is no user `postgres`");
  return { uid: Number(uid), gid: Number(gid) };
}

async function output(command: Deno.Command): Promise<string> {
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" ? address?.port ?? 0 : 0;
      server.close(() => resolve(port));
    });
  });
}
