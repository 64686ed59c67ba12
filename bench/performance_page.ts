/** docs/performance.md, as runs of `deno task bench query --write` and `… site --write` found it. */
import { join } from "node:path";
import type { Cost, Explained, RollupCost } from "./query.ts";
import { shapeOf } from "./query_plans.ts";
import { PAGE } from "./questions.ts";
import type { PageSpeed } from "./site.ts";
import { SIZES } from "./stored_candles.ts";

const PAGE_PATH = join(import.meta.dirname!, "../docs/performance.md");

/** The last section of the page, of a bench of its own. */
const SITE_HEADING = "## The site";

/** Where the line of a plan is cut off: conditions on what is written out for every interval are long. */
const LINE = 200;

/** What one run found. */
export interface Findings {
  /** The server and its settings. */
  setup: string;
  /** What is stored at the largest size. */
  stored: string;
  costs: Cost[];
  rollupCosts: RollupCost[];
  explained: Explained[];
}

/** Writes the page anew but for the section of the site. */
export async function writePerformancePage(findings: Findings): Promise<void> {
  const [, site] = await readParts();
  await writeParts(render(findings), site);
}

/** Writes the section of the site, and leaves the rest of the page as it is. */
export async function writeSiteSection(setup: string, speeds: PageSpeed[]): Promise<void> {
  const [queries] = await readParts();
  await writeParts(queries, renderSite(setup, speeds));
}

/** What comes before the section of the site, and that section; empty where there is none yet. */
async function readParts(): Promise<[queries: string, site: string]> {
  const page = await Deno.readTextFile(PAGE_PATH);
  const [queries = "", site] = page.split(`\n${SITE_HEADING}\n`);
  return [queries, site === undefined ? "" : `${SITE_HEADING}\n${site}`];
}

/** Lets `deno fmt` align the tables. */
async function writeParts(queries: string, site: string): Promise<void> {
  await Deno.writeTextFile(PAGE_PATH, `${queries.trimEnd()}\n\n${site}`);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PAGE_PATH] }).output();
  console.log("wrote docs/performance.md");
}

function render({ setup, stored, costs, rollupCosts, explained }: Findings): string {
  return `# Performance

What a question to the database costs does not depend on how much is stored: each reads ranges of a
primary key that begins with instrument and interval. \`deno task bench query\` measures it, and with
\`--write\` it writes this page.

## The yardstick

Every figure is a ratio to a yardstick of the same run, so that it says the same on a fast machine and
on a slow one: fetching ${PAGE} stored candles by their primary key, in one round trip, over the client
and a prepared statement, rows parsed. Yardstick and question are asked by turns and of another
instrument each time, so that what disturbs one disturbs the other. A figure is the 95th percentile of
the question over that of the yardstick, in brackets the same of the medians; the greater of the two is
held against the target. The same series are asked for at each size; what grows is the history behind
them. Of months that are rolled up there are no ${PAGE}, as the calendar begins in 2001. The largest has ${stored}, of 50 instruments.

${setup}.

## What it costs

${renderCosts(costs)}

## Without rollups

Longer candles are rolled up from shorter ones when those are loaded. These are the same candles made
of a coin's minutes when they are asked for, by one \`group by date_bin(…)\`, in the same run.

${renderRollupCosts(rollupCosts)}

## Plans

\`EXPLAIN (ANALYZE, BUFFERS)\` of each at the largest size, less costs and times, as \`auto_explain\` tells
them of a connection that has asked often enough to keep its plans. The bench fails when a scan of
\`market.candles\` or \`market.rollups\` is not limited to a range of the primary key.

${alike(explained).map(renderPlans).join("\n\n")}
`;
}

function renderSite(setup: string, speeds: PageSpeed[]): string {
  const rows = speeds.map(({ path, ratio, requestsPerSecond, p50Ms, p99Ms, madeMs }) => [
    `\`${path}\``,
    ratio.toFixed(2),
    (Math.round(requestsPerSecond / 100) * 100).toLocaleString("en"),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    madeMs.toFixed(0),
  ]);
  return `${SITE_HEADING}

\`deno task bench site\` serves the built site and, in a process of its own, a Hono that says hello, and
asks both for a second or more at a time over 50 connections that stay open, on one machine by turns. The
figure is a page's requests per second over those of hello; the target is at least 0.15. An answer is
made at most once in two seconds and kept in between ([decisions](decisions.md)): the last column is
what making it costs, with its queries. ${setup}; clients take gzip.

${
    table([
      "page",
      "of hello",
      "requests/s",
      "p50 ms",
      "p99 ms",
      "made in ms",
    ], rows)
  }
`;
}

function renderCosts(costs: Cost[]): string {
  const rows = costs.filter(({ size }) => size === SIZES[0]).map(
    ({ question: { name, atMost } }) => {
      const atEachSize = costs.filter(({ question }) => question.name === name);
      return [
        name,
        String(atMost),
        ...atEachSize.map(({ p95, median }) => `${p95.toFixed(2)} (${median.toFixed(2)})`),
      ];
    },
  );
  return table(["question", "at most", ...SIZES], rows);
}

function renderRollupCosts(costs: RollupCost[]): string {
  const rows = costs.map(({ interval, minutes, timesSlower }) => [
    `last ${PAGE} of ${interval}`,
    minutes.toLocaleString("en"),
    timesSlower.toFixed(0),
  ]);
  return table(["question", "minutes to read", "times slower than the stored ones"], rows);
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Questions with the same plans but for what they ask for, under the names of all. */
function alike(explained: Explained[]): Explained[] {
  const byShape = new Map<string, Explained>();
  for (const { name, plans } of explained) {
    const shape = plans.map(shapeOf).join("\n");
    const known = byShape.get(shape);
    byShape.set(shape, {
      name: known ? `${known.name}; ${name}` : name,
      plans: known?.plans ?? plans,
    });
  }
  return [...byShape.values()];
}

function renderPlans({ name, plans }: Explained): string {
  const blocks = plans.map(({ within, times, text }) => {
    const where = within === null ? [] : [`\`${within}\`${times > 1 ? `, ${times} times` : ""}:`];
    const lines = text.split("\n").map((line) => {
      return line.length > LINE ? `${line.slice(0, LINE)}…` : line;
    });
    return [...where, ["```", ...lines, "```"].join("\n")].join("\n\n");
  });
  return `<details>\n<summary>${name}</summary>\n\n${blocks.join("\n\n")}\n\n</details>`;
}
