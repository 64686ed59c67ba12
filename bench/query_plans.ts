/** How PostgreSQL answers a question: the plan of every statement in it, those inside functions too. */
import postgres from "postgres";
import type { Sql } from "../db/connect.ts";

/** One statement that was run. */
export interface Plan {
  /** The function that it is part of; null for the one that was asked. */
  within: string | null;
  /** As EXPLAIN (ANALYZE, BUFFERS) prints it, without costs and times. */
  text: string;
  /** How often it was run with a plan of this shape. */
  times: number;
}

/** From then on a connection may plan a prepared statement for all parameters at once, and keep that. */
const EXECUTIONS_UNTIL_KEPT = 5;

/**
 * The plans of what `ask` does over a connection that has done it often enough to keep them, each once.
 * Only a superuser may load `auto_explain`.
 */
export async function explain(
  databaseUrl: string,
  ask: (sql: Sql) => Promise<unknown>,
): Promise<Plan[]> {
  const notices: postgres.Notice[] = [];
  const client = postgres(databaseUrl, { max: 1, onnotice: (notice) => notices.push(notice) });
  try {
    await client`load 'auto_explain'`;
    // What only reads candles reads none as a bigint, which the one client has a type of its own for.
    const sql = client as unknown as Sql;
    for (let i = 0; i <= EXECUTIONS_UNTIL_KEPT; i++) await ask(sql);
    await client.unsafe(`
      set auto_explain.log_level = notice;
      set auto_explain.log_nested_statements = on;
      set auto_explain.log_analyze = on;
      set auto_explain.log_buffers = on;
      set auto_explain.log_timing = off;
      set auto_explain.log_min_duration = 0`);
    notices.length = 0;
    await ask(sql);
  } finally {
    await client.end();
  }
  const plans = new Map<string, Plan>();
  for (const notice of notices) {
    const plan = readPlan(notice);
    const key = `${plan.within}\n${shapeOf(plan)}`;
    plans.set(key, { ...plan, times: (plans.get(key)?.times ?? 0) + 1 });
  }
  // A function ends, and is told of, before the statement that calls it.
  return [...plans.values()].toReversed();
}

/** The plan less what is asked for and how much was found. */
export function shapeOf({ text }: Pick<Plan, "text">): string {
  return text.replaceAll(/'[^']*'(::text)?|\$?[\d.]+/g, "?");
}

/** The scans of candles that no series limits: those that read more the more is stored of others. */
export function unboundedScans(plans: Pick<Plan, "text">[]): string[] {
  return plans.flatMap(({ text }) => {
    const lines = text.split("\n").map((line) => line.trim());
    return lines.filter((line, i) => {
      const isScan = /\b(Seq|Index|Only|Heap) Scan\b.* on (candles|rollups)\b/.test(line);
      const condition = /^(Index|Recheck) Cond: .*/.exec(lines[i + 1] ?? "")?.[0] ?? "";
      return isScan && !/\binstrument_id\b.*\bcandle_interval\b/.test(condition);
    });
  });
}

function readPlan({ message, where }: postgres.Notice): Omit<Plan, "times"> {
  const lines = message!.split("\n");
  // The text of the statement comes first, and may have any number of lines.
  const begin = lines.findIndex((line) => line.includes("(cost="));
  if (begin < 0) throw new Error(`The server should tell a plan: ${message}`);
  const text = lines.slice(begin).map((line) =>
    line.replace(/\(cost=\S+ rows=\d+ width=\d+\) /, "")
  )
    .join("\n");
  // The innermost function comes first, in PL/pgSQL after the text of its statement.
  const within = /^(?:PL\/pg)?SQL function .*/m.exec(where ?? "")?.[0] ?? null;
  return { within, text };
}
