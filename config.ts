/** Settings: the only reader of the environment. Every setting with its name, default and doc. */
import { parseEnv } from "node:util";
import { z } from "zod";
import { OperatorError } from "./market/errors.ts";
import { Symbol } from "./market/instrument.ts";
import { Interval, INTERVALS } from "./market/interval.ts";

interface Setting<T> {
  /** The environment variable. */
  name: string;
  doc: string;
  /** What an unset variable means, as it would be written; undefined when there is none. */
  default?: string;
  /** Turns the text into the value; its messages read "must be …". */
  schema: z.ZodType<T, string>;
  /** What a message may show of a wrong value; everything when absent, nothing when it gives null. */
  show?: (value: string) => string | null;
}

type Settings = typeof SETTINGS;

/** The settings in force. A secret is undefined when it is not set. */
export type Config =
  & {
    readonly [K in keyof Settings]: Settings[K] extends { default: string }
      ? z.output<Settings[K]["schema"]>
      : z.output<Settings[K]["schema"]> | undefined;
  }
  & {
    /** Whether the process runs on Deno Deploy, where nothing can be written to disk. */
    readonly isDeploy: boolean;
  };

const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;

/** Every setting, in the order of `.env.example`; the property is its name in {@linkcode Config}. */
export const SETTINGS = {
  twelveDataApiKey: {
    name: "TWELVE_DATA_API_KEY",
    doc:
      "Key of twelvedata.com. Without it the built-in simulator makes up the candles, and every " +
      'page says "simulated".',
    schema: secretText(1),
    show: () => null,
  },
  twelveDataBaseUrl: {
    name: "TWELVE_DATA_BASE_URL",
    doc: "Where the REST API answers.",
    default: "https://api.twelvedata.com",
    schema: plainUrl("http", "https"),
    show: withoutSecrets,
  },
  twelveDataWsUrl: {
    name: "TWELVE_DATA_WS_URL",
    doc: "Where the WebSocket stream of prices answers.",
    default: "wss://ws.twelvedata.com/v1/quotes/price",
    schema: plainUrl("ws", "wss"),
    show: withoutSecrets,
  },
  creditsPerMinute: {
    name: "TWELVE_DATA_CREDITS_PER_MINUTE",
    doc: "API credits that your plan grants a minute; 8 is the Basic plan.",
    default: "8",
    schema: wholeNumber(1, 1_000_000),
  },
  creditsPerDay: {
    name: "TWELVE_DATA_CREDITS_PER_DAY",
    doc:
      "API credits that your plan grants a day (UTC); 800 is the Basic plan, the only one with a " +
      "daily cap: set a larger number on the others. What is left is shared out over the day's runs.",
    default: "800",
    schema: wholeNumber(1, 1_000_000_000),
  },
  databaseUrl: {
    name: "DATABASE_URL",
    doc: "PostgreSQL 15 or newer: postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=require. " +
      "Without it an embedded PostgreSQL (PGlite) keeps its files in DATA_DIR. Required on Deno Deploy.",
    schema: z.string().refine(
      isPostgresUrl,
      "must be a URL that starts with postgres:// or postgresql://, special characters of the " +
        "password %-encoded",
    ),
    // A password with an unescaped "/" or "#" ends up anywhere in the parts of the URL.
    show: (value) => URL.canParse(value) ? `${new URL(value).protocol}//…` : null,
  },
  dataDir: {
    name: "DATA_DIR",
    doc: "Folder of the embedded database; made when it is missing.",
    default: ".data",
    schema: z.string().refine((path) => !path.includes("\0"), "must be a path"),
  },
  symbols: {
    name: "SYMBOLS",
    doc: "The first watchlist: comma-separated symbols as Twelve Data writes them.",
    default: "AAPL,GOOGL,AMZN,META,BTC/USD,ETH/USD,SOL/USD,EUR/USD",
    schema: list(Symbol, "symbol"),
  },
  intervals: {
    name: "INTERVALS",
    doc: `The intervals to keep, comma-separated: ${INTERVALS.join(" ")}.`,
    default: "1h,1day",
    schema: list(z.enum(Interval.enum, `must be one of ${INTERVALS.join(" ")}`), "interval"),
  },
  etlCron: {
    name: "ETL_CRON",
    doc:
      "When the scheduled run starts: minute, hour, day of month, month, day of week (1 or SUN to " +
      "7 or SAT), in UTC.",
    default: "2 * * * *",
    schema: z.string().trim().refine(
      isCron,
      "must be 5 cron fields (minute, hour, day of month, month, day of week 1-7) such as 2 * * * *",
    ),
  },
  host: {
    name: "HOST",
    doc: "Address to serve on; 0.0.0.0 serves the whole network.",
    default: "127.0.0.1",
    schema: z.string().regex(/^[A-Za-z0-9.:_-]+$/, "must be a host name or an IP address"),
  },
  port: {
    name: "PORT",
    doc: "Port to serve on; 0 takes any free one.",
    default: "8000",
    schema: wholeNumber(0, 65535),
  },
  adminToken: {
    name: "ADMIN_TOKEN",
    doc:
      "Needed for every change through the web, such as accepting a rejected row; 16 characters or " +
      "more. Without it one is made at the first start and printed once.",
    schema: secretText(16),
    show: () => null,
  },
  logLevel: {
    name: "LOG_LEVEL",
    doc: `How much is logged: ${LOG_LEVELS.join(" ")}.`,
    default: "info",
    schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(" ")}`) as z.ZodType<
      typeof LOG_LEVELS[number],
      string
    >,
  },
} satisfies Record<string, Setting<unknown>>;

/**
 * Reads the settings out of `env`. An empty string counts as unset.
 * @throws {OperatorError} when a setting is wrong: one line with the variable, the rule and the value.
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const settings = Object.entries<Setting<unknown>>(SETTINGS);
  const config: Record<string, unknown> = { isDeploy: Boolean(env.DENO_DEPLOYMENT_ID) };
  for (const [property, setting] of settings) config[property] = parseSetting(setting, env);
  if (config.isDeploy && config.databaseUrl === undefined) {
    throw new OperatorError(
      "Cannot start on Deno Deploy without DATABASE_URL as nothing can be kept on its disk: add " +
        "DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DATABASE to the app's environment variables, " +
        "or assign it a PostgreSQL database",
    );
  }
  return config as Config;
}

/**
 * The settings of this process: its environment, then the file `.env` of the working directory. The
 * environment wins, even when it is empty: `PORT= deno task start` uses the default in spite of `.env`.
 * @throws {OperatorError} when a setting is wrong or `.env` cannot be read.
 */
export function loadConfig(
  envFile = ".env",
  environment: { get(name: string): string | undefined } = Deno.env,
): Config {
  const env = readEnvFile(envFile);
  const names = Object.values(SETTINGS).map((setting) => setting.name);
  for (const name of [...names, "DENO_DEPLOYMENT_ID"]) {
    env[name] = environment.get(name) ?? env[name];
  }
  return parseConfig(env);
}

/** The text of `.env.example`: every setting with its doc, commented out at its default. */
export function envExample(): string {
  const blocks = Object.values<Setting<unknown>>(SETTINGS).map((setting) => {
    const value = setting.default ?? "";
    const quoted = /[\s#*]/.test(value) ? `"${value}"` : value;
    const doc = setting.doc.match(/\S.{0,95}(?= |$)/g) ?? [];
    return [...doc.map((line) => `# ${line}`), `#${setting.name}=${quoted}`];
  });
  const head = [
    "# Copy to .env and take the # from the lines that you change. Generated from config.ts.",
  ];
  return [head, ...blocks].map((lines) => lines.join("\n") + "\n").join("\n");
}

function parseSetting(setting: Setting<unknown>, env: Record<string, string | undefined>): unknown {
  const text = env[setting.name] || setting.default;
  if (text === undefined) return undefined;
  const result = setting.schema.safeParse(text);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const index = issue?.path[0];
  const wrong = typeof index === "number" ? listItems(text)[index] ?? text : text;
  const shown = setting.show ? setting.show(wrong) : wrong;
  const value = shown === null ? "not shown" : JSON.stringify(shown.slice(0, 100));
  throw new OperatorError(
    `Cannot use ${setting.name} as it ${issue?.message}: current value is ${value}`,
  );
}

function readEnvFile(path: string): Record<string, string | undefined> {
  try {
    const text = Deno.readTextFileSync(path);
    checkEnvLines(path, text);
    return { ...parseEnv(text) };
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (error instanceof Deno.errors.NotFound) return {};
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new OperatorError(`Cannot read the settings file ${path}: ${why}; mend or remove it`);
  }
}

/** parseEnv passes over what it does not understand, and a key without its "=" would be no key. */
function checkEnvLines(path: string, text: string): void {
  let openQuote = "";
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (openQuote !== "") {
      if (line.includes(openQuote)) openQuote = "";
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const value = /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_.]*\s*=\s*(.*)$/.exec(line)?.[1];
    if (value === undefined) {
      throw new OperatorError(
        `Cannot read line ${
          index + 1
        } of the settings file ${path} as it must be NAME=value: mend or remove it`,
      );
    }
    const quote = /^["'`]/.exec(value)?.[0] ?? "";
    if (quote !== "" && !value.slice(1).includes(quote)) openQuote = quote;
  }
}

function secretText(minLength: number) {
  // Visible ASCII only: the text becomes part of an HTTP header.
  return z.string()
    .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters without a space")
    .min(minLength, `must have at least ${minLength} characters`);
}

function wholeNumber(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d{1,10}$/, rule).transform(Number).pipe(
    z.number(rule).min(min, rule).max(max, rule),
  );
}

/** A URL without a query or a user: those carry secrets, and the client adds its own query. */
function plainUrl(...protocols: string[]) {
  const rule = `must be a URL that starts with ${protocols.map((p) => `${p}://`).join(" or ")}`;
  return z.string().refine((text) => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    return protocols.includes(url.protocol.slice(0, -1)) && url.hostname !== "" &&
      url.search + url.hash + url.username + url.password === "";
  }, `${rule} and carries no query, user or password`).transform((text) =>
    text.replace(/\/+$/, "")
  );
}

function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  try {
    decodeURIComponent(url.username + url.password + url.pathname);
  } catch {
    return false;
  }
  return ["postgres:", "postgresql:"].includes(url.protocol);
}

function list<T extends string>(item: z.ZodType<T, string>, noun: string) {
  return z.string().transform(listItems)
    .pipe(z.array(item).min(1, `must name at least one ${noun}`))
    .transform((items) => {
      const seen = new Set<string>();
      return items.filter((text) => {
        const key = text.toUpperCase();
        return seen.has(key) ? false : seen.add(key);
      });
    });
}

function listItems(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

const CRON_FIELDS = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ") },
  { min: 1, max: 7, names: "SUN MON TUE WED THU FRI SAT".split(" ") },
];

/** Whether `Deno.cron` takes the expression; stricter than it, as it also knows `L`, `W` and `#`. */
function isCron(expression: string): boolean {
  const fields = expression.split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) return false;
  return CRON_FIELDS.every(({ min, max, names }, index) => {
    const isValue = (text = "") =>
      names.includes(text.toUpperCase()) ||
      (/^\d{1,2}$/.test(text) && Number(text) >= min && Number(text) <= max);
    return fields[index]!.split(",").every((part) => {
      const [range = "", step, ...more] = part.split("/");
      const isStep = step === undefined ||
        (/^\d{1,2}$/.test(step) && Number(step) >= 1 && Number(step) <= max - min);
      const ends = range.split("-");
      return more.length === 0 && isStep &&
        (range === "*" || (ends.length <= 2 && ends.every(isValue)));
    });
  });
}

/** A URL without its user, password, query and fragment; nothing of what is not a URL. */
function withoutSecrets(text: string): string | null {
  if (!URL.canParse(text)) return /[?@#]/.test(text) ? null : text;
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}${url.search || url.hash ? "?…" : ""}`;
}
