import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readReplay } from "../../simulator/replay.ts";
import { serveSimulator } from "../../simulator/serve.ts";

const CANDLES = fileURLToPath(new URL("../fixtures/candles", import.meta.url));
const CLI = fileURLToPath(new URL("../../simulator/cli.ts", import.meta.url));
const SYMBOLS = ["AAPL", "GOOGL", "AMZN", "META", "BTC/USD", "ETH/USD", "SOL/USD"];

Deno.test("the recorded candles come back over a socket as they are in the file", async () => {
  const text = await Deno.readTextFile(`${CANDLES}/twelvedata_15min_2025-02-03.csv`);
  const rows = text.trim().split("\n").slice(1).map((line) => line.split(","));
  const market = await readReplay(CANDLES);
  const { url, shutdown } = serveSimulator({ port: 0, market });
  try {
    const query = `symbol=${SYMBOLS.join()}&interval=15min&timezone=UTC&outputsize=2880`;
    const body = await (await fetch(`${url}/time_series?${query}`)).json();
    let served = 0;
    for (const symbol of SYMBOLS) {
      const isStock = !symbol.includes("/");
      const wanted = rows.filter((row) => row[6] === symbol).map((row) => {
        const [datetime, open, high, low, close, volume] = row as [string, ...string[]];
        // All rows are in winter: New York is 5 hours behind.
        const openedAt = new Date(`${datetime.replace(" ", "T")}${isStock ? "-05:00" : "Z"}`);
        return {
          datetime: openedAt.toISOString().slice(0, 19).replace("T", " "),
          open,
          high,
          low,
          close,
          ...(isStock ? { volume } : {}),
        };
      });
      const byTime = (a: { datetime: string }, b: { datetime: string }) =>
        a.datetime < b.datetime ? 1 : -1;
      assert.deepEqual(body[symbol].values, wanted.sort(byTime), symbol);
      served += wanted.length;
    }
    assert.equal(served, 210);
    assert.equal(body.AAPL.values[0].datetime, "2025-02-03 17:15:00");
    assert.equal(body["BTC/USD"].values[0].datetime, "2025-02-03 17:15:00");
  } finally {
    await shutdown();
  }
});

Deno.test("two simulators of one seed and clock answer byte for byte the same over sockets", async () => {
  const now = () => new Date("2026-11-20T17:47:23Z");
  const simulators = [serveSimulator({ port: 0, now }), serveSimulator({ port: 0, now })];
  const [a, b] = await Promise.all(simulators.map(async ({ url, shutdown }) => {
    const path = "/time_series?symbol=AAPL,BTC/USD,EUR/USD&interval=1h&outputsize=720";
    const text = await (await fetch(url + path)).text();
    await shutdown();
    return text;
  }));
  assert.equal(a, b);
  assert.ok(a!.length > 100_000);
});

async function run(...args: string[]) {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net", "--allow-read", "--no-prompt", CLI, ...args],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).output();
  const lines = new TextDecoder().decode(output.stderr).trim().split("\n");
  return { code: output.code, lines };
}

Deno.test("the command line refuses wrong arguments and a port in use with one line", async () => {
  const { url, shutdown } = serveSimulator({ port: 0 });
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/bad_1day.csv`, "a,b\n");
    const cases: [string[], RegExp][] = [
      [["--port", "x"], /'--port <number>' argument 'x' is invalid/],
      [["--prot", "1"], /unknown option '--prot'/],
      [["--port", new URL(url).port], /Cannot listen on 127\.0\.0\.1:\d+: the port is in use/],
      [["--replay", `${folder}/nowhere`], /Cannot read the replay folder/],
      [["--replay", folder], /Cannot replay bad_1day\.csv: line 1: the header must be/],
      [["--fault", "404=0.3"], /Cannot simulate the fault "404": it must be one of 429, /],
      [
        ["--fault", "nan=0.1", "--fault", "500=30"],
        /"500=30": its rate must be a number from 0 to/,
      ],
      [["--gate", "META"], /Cannot gate "META": it must be a symbol and the plan it needs/],
    ];
    const results = await Promise.all(cases.map(([args]) => run("--port", "0", ...args)));
    for (const [i, { code, lines }] of results.entries()) {
      const [args, message] = cases[i]!;
      assert.equal(code, 1, args.join(" "));
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0]!, message);
    }
  } finally {
    await shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the command line says where it listens, serves, and ends cleanly on a signal", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-net",
      "--allow-read",
      CLI,
      "--port",
      "0",
      "--seed",
      "7",
      "--key",
      "k",
      ...["--gate", "meta=Grow", "--gate", "NVDA=Pro", "--fault", "nan=1", "--fault", "empty=0"],
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: line = "" } = await reader.read();
  const [url] = /http:\/\/\S+/.exec(line) ?? [""];
  const refused = await fetch(`${url}/price?symbol=AAPL`);
  assert.equal(refused.status, 401);
  await refused.body?.cancel();
  const response = await fetch(`${url}/price?symbol=AAPL&apikey=k`);
  assert.equal(response.headers.get("Chandlery-Simulator"), "seed=7");
  assert.match((await response.json()).price, /^\d+(\.\d+)?$/);
  const gated = await (await fetch(`${url}/price?symbol=META,NVDA&apikey=k`)).json();
  assert.match(gated.META.message, /starting with the Grow plan/);
  assert.match(gated.NVDA.message, /starting with the Pro plan/);
  const series = await fetch(`${url}/time_series?symbol=AAPL&interval=1h&apikey=k`);
  assert.match(await series.text(), /NaN/);
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 0);
  await reader.cancel();
});
