import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDatabase } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import { createServerDatabase, testWithServer } from "../support/databases.ts";
import { onlyErrorLine, startEtl } from "../support/chandlery.ts";
import { withDataDir, withTempDir } from "../support/temp.ts";

const EXPORTS = fileURLToPath(new URL("../fixtures/exports/", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const STOOQ = [`${EXPORTS}stooq_1day.csv`, "--symbol", "AAPL", "--interval", "1day"];

/** Runs a shell command in which `etl` is this program, on the database of the folder. */
async function shell(dir: string, script: string) {
  const etl = `"${Deno.execPath()}" run --quiet -A --config "${ROOT}deno.json" "${ROOT}etl/cli.ts"`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `set -o pipefail; etl() { ${etl} "$@"; }; ${script}`],
    cwd: dir,
    env: { DATA_DIR: dir, DATABASE_URL: "", TWELVE_DATA_API_KEY: "" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("deno task etl import and export: a file in, the same candles out, and back in through a pipe", async () => {
  await withDataDir(async (dir) => {
    const dry = await shell(dir, `etl import ${STOOQ.join(" ")} --kind stock --dry-run --json`);
    assert.equal(dry.code, 0, dry.stderr);
    const { inserted, isDryRun, runId } = JSON.parse(dry.stdout);
    assert.deepEqual({ inserted, isDryRun, runId }, { inserted: 3, isDryRun: true, runId: null });
    const real = await shell(dir, `etl import ${STOOQ.join(" ")} --kind stock`);
    assert.equal(real.code, 0, real.stderr);
    assert.match(real.stdout, /AAPL +│ 1day +│ +3 │/);
    assert.match(real.stdout, /Run 1: ok, 3 rows in \d/);
    assert.match(real.stdout, /They are kept as source import: .*; the site shows simulator\.$/m);
    const out = await shell(dir, "etl export --source import --output out.csv");
    assert.equal(out.code, 0, out.stderr);
    assert.match(out.stderr, /3 candles of 1 series of source import/);
    const text = await Deno.readTextFile(join(dir, "out.csv"));
    assert.match(
      text,
      /^import,AAPL,1day,2024-01-02T00:00:00Z,187.15,188.44,183.885,185.64,82488674,true,stock,/m,
    );
    const back = await shell(dir, "etl export --source import | etl import - --json");
    assert.equal(back.code, 0, back.stderr);
    assert.equal(JSON.parse(back.stdout).unchanged, 3);
    const partial = await shell(
      dir,
      `etl import ${EXPORTS}yahoo_1day.csv --symbol AAPL --interval 1day`,
    );
    assert.equal(partial.code, 2, partial.stderr);
    assert.match(partial.stdout, /line 3: open must be a decimal number: current value is "null"/);
  });
});

Deno.test("deno task etl export ends quietly when its reader has enough, and without a file for Parquet at once", async () => {
  await withDataDir(async (dir) => {
    const rows = Array.from({ length: 20_000 }, (_, minute) => {
      const at = new Date(Date.UTC(2024, 0, 1, 0, minute)).toISOString();
      return `${at},1,1,1,1`;
    });
    await Deno.writeTextFile(join(dir, "in.csv"), ["date,open,high,low,close", ...rows].join("\n"));
    const script = `etl import in.csv --interval 1min --symbol BTC/USD --kind crypto >&2 &&
      etl export --source import --format jsonl | head -n 1`;
    const { code, stdout, stderr } = await shell(dir, script);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).opened_at, "2024-01-01T00:00:00Z");
    assert.doesNotMatch(stderr, /error/i);
  });
  await withTempDir(async (dir) => {
    const line = await onlyErrorLine(startEtl(dir, {}, ["export", "--format", "parquet"]));
    assert.match(line, /Cannot write Parquet to the standard output: name a file with --output/);
  });
});

Deno.test("deno task etl import refuses in one line what it cannot read or understand", async () => {
  await withTempDir(async (dir) => {
    const file = STOOQ[0]!;
    const cases: [string[], RegExp][] = [
      [["import", "nowhere.csv"], /Cannot read nowhere\.csv as there is no such file/],
      [["import", dir], /as it is a folder: name a file/],
      [
        ["import", file, "--columns", "x=y"],
        /Cannot take --columns as each part must be FIELD=COL/,
      ],
      [["import", file, "--timezone", "Mars/Phobos"], /IANA name such as America\/New_York/],
      [["import", file, "--interval", "7h"], /Allowed choices are 1min, /],
      [
        ["export", "--from", "2026-01-02", "--to", "2026-01-01"],
        /Cannot export as --to must be later than --from: current value is 2026-01-01T/,
      ],
      [["export", "--from", "yesterday"], /It must be a date such as/],
    ];
    for (const [args, message] of cases) {
      assert.match(await onlyErrorLine(startEtl(dir, {}, args)), message);
    }
  });
});

testWithServer(
  "deno task etl import that is killed loses nothing, and done again stores each row once",
  async () => {
    const databaseUrl = await createServerDatabase();
    await withTempDir(async (dir) => {
      const count = 60_000;
      const rows = Array.from({ length: count }, (_, minute) => {
        const at = new Date(Date.UTC(2024, 0, 1, 0, minute)).toISOString();
        return `${at},1,1,1,1`;
      });
      const path = join(dir, "in.csv");
      await Deno.writeTextFile(path, ["date,open,high,low,close", ...rows].join("\n"));
      const args = [
        "import",
        path,
        "--interval",
        "1min",
        "--symbol",
        "BTC/USD",
        "--kind",
        "crypto",
      ];
      const database = await openDatabase({ databaseUrl, dataDir: "unused" });
      try {
        const { sql } = database;
        await migrate(sql);
        const stored = async () => {
          const [row] = await sql<[{ count: number }]>`select count(*) from market.candles`;
          return row.count;
        };
        await using killed = startEtl(dir, { DATABASE_URL: databaseUrl }, args);
        let hasEnded = false;
        const ended = killed.finish().finally(() => hasEnded = true);
        while (await stored() === 0 && !hasEnded);
        if (!hasEnded) killed.kill("SIGKILL");
        const { output: said } = await ended;
        const kept = await stored();
        assert.ok(kept > 0 && kept < count, `${kept} candles: ${said}`);
        await using again = startEtl(dir, { DATABASE_URL: databaseUrl }, [...args, "--json"]);
        const { code, output } = await again.finish();
        assert.equal(code, 0, output);
        // A page that was on its way when the process died may have been stored after it.
        const unchanged = Number(/"unchanged": (\d+)/.exec(output)?.[1]);
        assert.ok(unchanged >= kept && unchanged % 5000 === 0, `${unchanged} of whole pages`);
        assert.equal(await stored(), count);
        const runs = await sql<{ status: string }[]>`select status from market.runs order by id`;
        assert.deepEqual(runs.map(({ status }) => status), ["interrupted", "ok"]);
      } finally {
        await database.close();
      }
    });
  },
);
