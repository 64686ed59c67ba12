import assert from "node:assert/strict";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { type Config, envExample, loadConfig, parseConfig, SETTINGS } from "../../config.ts";
import { OperatorError } from "../../market/errors.ts";

const EXAMPLE = new URL("../../.env.example", import.meta.url);
const REWRITE = "deno test -A tests/unit/config_test.ts -- --update";
const DATABASE_URL = "postgres://user:pass@db.example/market";

/** DESIGN.md's table, written out again so that a changed default is a decision. */
const DEFAULTS: Record<string, [keyof Config, unknown]> = {
  TWELVE_DATA_API_KEY: ["twelveDataApiKey", undefined],
  TWELVE_DATA_BASE_URL: ["twelveDataBaseUrl", "https://api.twelvedata.com"],
  TWELVE_DATA_WS_URL: ["twelveDataWsUrl", "wss://ws.twelvedata.com/v1/quotes/price"],
  TWELVE_DATA_CREDITS_PER_MINUTE: ["creditsPerMinute", 8],
  TWELVE_DATA_CREDITS_PER_DAY: ["creditsPerDay", 800],
  DATABASE_URL: ["databaseUrl", undefined],
  DATA_DIR: ["dataDir", ".data"],
  SYMBOLS: ["symbols", "AAPL GOOGL AMZN META BTC/USD ETH/USD SOL/USD EUR/USD".split(" ")],
  INTERVALS: ["intervals", ["1h", "1day"]],
  ETL_CRON: ["etlCron", "2 * * * *"],
  HOST: ["host", "127.0.0.1"],
  PORT: ["port", 8000],
  ADMIN_TOKEN: ["adminToken", undefined],
  LOG_LEVEL: ["logLevel", "info"],
};

Deno.test("parseConfig() gives every setting of the design its default, unset or empty", () => {
  const names = Object.keys(DEFAULTS);
  assert.deepEqual(Object.values(SETTINGS).map((setting) => setting.name), names);
  for (const env of [{}, Object.fromEntries(names.map((name) => [name, ""]))]) {
    const config = parseConfig(env);
    for (const [property, value] of Object.values(DEFAULTS)) {
      assert.deepEqual(config[property], value, property);
    }
    assert.equal(config.isDeploy, false);
  }
});

Deno.test("parseConfig() reads what is set", () => {
  const config = parseConfig({
    TWELVE_DATA_API_KEY: "0123456789abcdef",
    TWELVE_DATA_BASE_URL: "http://127.0.0.1:9000/",
    SYMBOLS: " BTC/USD, aapl,AAPL ,RY:TSX,,BTC/USD",
    INTERVALS: "1day,1min,1day",
    ETL_CRON: "*/5 8-16 1,15 JAN-JUN MON,fri",
    PORT: "0",
    DATABASE_URL,
    DENO_DEPLOYMENT_ID: "abc",
  });
  assert.equal(config.twelveDataApiKey, "0123456789abcdef");
  assert.equal(config.twelveDataBaseUrl, "http://127.0.0.1:9000");
  assert.deepEqual(config.symbols, ["BTC/USD", "aapl", "RY:TSX"]);
  assert.deepEqual(config.intervals, ["1day", "1min"]);
  assert.equal(config.etlCron, "*/5 8-16 1,15 JAN-JUN MON,fri");
  assert.equal(config.port, 0);
  assert.equal(config.databaseUrl, DATABASE_URL);
  assert.equal(config.isDeploy, true);
});

Deno.test("parseConfig() names the variable, the rule and the wrong value in one line", () => {
  const wrong: [string, string, RegExp][] = [
    ["PORT", "http", /must be a whole number from 0 to 65535: current value is "http"$/],
    ["PORT", "80\n81", /current value is "80\\n81"$/],
    ["TWELVE_DATA_CREDITS_PER_MINUTE", "0", /from 1 to 1000000: current value is "0"$/],
    ["TWELVE_DATA_CREDITS_PER_DAY", "8e2", /current value is "8e2"$/],
    ["SYMBOLS", "AAPL,A B", /must be a symbol such as AAPL.*: current value is "A B"$/],
    ["SYMBOLS", ",", /must name at least one symbol: current value is ","$/],
    ["INTERVALS", "1h,3h", /must be one of 1min .*: current value is "3h"$/],
    ["ETL_CRON", "2 * * *", /must be 5 cron fields.*: current value is "2 \* \* \*"$/],
    ["ETL_CRON", "60 * * * *", /must be 5 cron fields/],
    ["HOST", "a b", /must be a host name.*: current value is "a b"$/],
    ["LOG_LEVEL", "INFO", /must be one of trace .*: current value is "INFO"$/],
    ["TWELVE_DATA_BASE_URL", "api.twelvedata.com", /starts with http:\/\/ or https:\/\//],
    ["TWELVE_DATA_WS_URL", "https://ws.example", /starts with ws:\/\/ or wss:\/\//],
    ["DATABASE_URL", "mysql://db.example", /postgres:\/\/.*: current value is "mysql:\/\/…"$/],
    ["DATA_DIR", "a\0b", /must be a path/],
  ];
  for (const [name, value, rule] of wrong) {
    const message = messageOf({ [name]: value });
    assert.match(message, rule);
    assert.ok(message.startsWith(`Cannot use ${name} as it must `), message);
    assert.ok(!message.includes("\n"), "one line");
  }
});

Deno.test("parseConfig() never shows a secret", () => {
  const secret = "hunter2-hunter2";
  const wrong: Record<string, string>[] = [
    { TWELVE_DATA_API_KEY: `${secret} ` },
    { TWELVE_DATA_API_KEY: `${secret}\n` },
    { ADMIN_TOKEN: secret },
    { ADMIN_TOKEN: `${secret} ${secret}` },
    { DATABASE_URL: `mysql://user:${secret}@db.example/market` },
    { DATABASE_URL: `postgres://user:${secret}%zz@db.example/market` },
    { DATABASE_URL: `mysql://user:pa/${secret}@db.example/market` },
    { DATABASE_URL: `postgres://user:${secret}` },
    { DATABASE_URL: `user:${secret}@db.example` },
    { TWELVE_DATA_WS_URL: `wss://ws.example/price?apikey=${secret}` },
    { TWELVE_DATA_BASE_URL: `https://user:${secret}@api.example` },
    { TWELVE_DATA_BASE_URL: `api.example/?apikey=${secret}` },
  ];
  for (const env of wrong) {
    const message = messageOf(env);
    assert.ok(!message.includes(secret), message);
    assert.ok(message.startsWith(`Cannot use ${Object.keys(env)[0]} as it must`), message);
  }
});

Deno.test("parseConfig() on Deno Deploy asks for DATABASE_URL and says how to set it", () => {
  const message = messageOf({ DENO_DEPLOYMENT_ID: "abc" });
  assert.match(
    message,
    /Deno Deploy without DATABASE_URL.*add DATABASE_URL=postgres:.*environment/,
  );
});

Deno.test("parseConfig() takes a number exactly when it is whole, plain and in range", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 65535 }), (port) => {
    assert.equal(parseConfig({ PORT: String(port) }).port, port);
  }));
  const notAPort = fc.oneof(
    fc.integer({ min: 65536 }).map(String),
    fc.integer({ max: -1 }).map(String),
    fc.double({ noInteger: true }).map(String),
    fc.string({ minLength: 1 }).filter((text) => !/^\d+$/.test(text)),
  );
  fc.assert(fc.property(notAPort, (text) => {
    assert.match(messageOf({ PORT: text }), /^Cannot use PORT as it must be a whole number/);
  }));
});

Deno.test("parseConfig() takes no cron expression that Deno.cron refuses", async () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 61 }).map(String),
    fc.constantFrom("MON", "jan"),
  );
  const range = fc.oneof(
    fc.constant("*"),
    value,
    fc.tuple(value, value).map((ends) => ends.join("-")),
  );
  const part = fc.oneof(range, fc.tuple(range, fc.nat(61)).map((pair) => pair.join("/")));
  const field = fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 7 }).map(String) },
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(",")),
  );
  const expression = fc.array(field, { minLength: 5, maxLength: 5 }).map((fields) =>
    fields.join(" ")
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(expression, async (cron) => {
      try {
        parseConfig({ ETL_CRON: cron });
      } catch {
        return;
      }
      taken++;
      const controller = new AbortController();
      const scheduled = Deno.cron("config test", cron, { signal: controller.signal }, () => {});
      controller.abort();
      await scheduled;
    }),
    { numRuns: 1000 },
  );
  assert.ok(taken > 20, `only ${taken} expressions were taken: the test proves too little`);
});

Deno.test("loadConfig() reads .env, and the environment wins", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "# a comment\nPORT=8123 # and one more\nDATA_DIR='my data'\n");
    const load = (environment: Record<string, string>) =>
      loadConfig(file, new Map(Object.entries(environment)));
    assert.equal(load({}).dataDir, "my data");
    assert.equal(load({}).port, 8123);
    assert.equal(load({ PORT: "8456" }).port, 8456);
    assert.equal(load({ PORT: "" }).port, 8000, "empty hides the line of .env");
    assert.equal(load({ DENO_DEPLOYMENT_ID: "abc", DATABASE_URL }).isDeploy, true);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("loadConfig() takes a missing .env, and says in one line that one cannot be read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal(loadConfig(`${folder}/none`, new Map()).port, 8000);
    assert.throws(() => loadConfig(folder, new Map()), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.match(error.message, /^Cannot read the settings file .+: .+; mend or remove it$/);
      return true;
    });
  } finally {
    await Deno.remove(folder);
  }
});

Deno.test("loadConfig() names the line of .env that is no setting, and shows nothing of it", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/.env`;
  const read = async (text: string) => {
    await Deno.writeTextFile(file, text);
    return loadConfig(file, { get: () => undefined });
  };
  try {
    for (const wrong of ["TWELVE_DATA_API_KEY 12345678", "=1", "\0\xffPORT=1", "PORT"]) {
      await assert.rejects(read(`# mine\n\n${wrong}\n`), (error: Error) => {
        assert.ok(error instanceof OperatorError);
        assert.match(error.message, /line 3 of .*must be NAME=value/);
        assert.doesNotMatch(error.message, /12345678/);
        return true;
      });
    }
    const config = await read(
      `export PORT=81\n  HOST = '::1' # here\nOTHER="two\nlines"\nDATA_DIR=x\n`,
    );
    assert.deepEqual([config.port, config.host, config.dataDir], [81, "::1", "x"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(".env.example is the one that config.ts generates", async () => {
  if (Deno.args.includes("--update")) await Deno.writeTextFile(EXAMPLE, envExample());
  const committed = await Deno.readTextFile(EXAMPLE);
  assert.equal(committed, envExample(), `.env.example has drifted; rewrite it with: ${REWRITE}`);
});

Deno.test("envExample() names every setting with its doc and, uncommented, means the defaults", () => {
  const text = envExample();
  const env = parseEnv(text.replaceAll(/^#(?=[A-Z])/gm, ""));
  assert.deepEqual(Object.keys(env), Object.keys(DEFAULTS));
  assert.deepEqual(parseConfig(env), parseConfig({}));
  assert.deepEqual(parseEnv(text), parseEnv(""), "nothing is set until a line is uncommented");
  for (const setting of Object.values(SETTINGS)) assert.ok(setting.doc.length > 20, setting.name);
});

function messageOf(env: Record<string, string>): string {
  try {
    parseConfig(env);
  } catch (error) {
    assert.ok(error instanceof OperatorError, String(error));
    assert.equal(error.cause, undefined);
    return error.message;
  }
  return assert.fail(`expected an error for ${JSON.stringify(env)}`);
}
