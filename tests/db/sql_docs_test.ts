/** docs/sql.md names everything that can be read in SQL, and nothing else; its examples run. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { forEachDatabase } from "../support/databases.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/sql.md", import.meta.url));

/** What is listed there and has no entry of its own serves others: its columns need no words. */
const BUILDING_BLOCKS = "## Building blocks";

interface Heading {
  level: number;
  title: string;
  /** Up to the next heading of the same level or a higher one. */
  text: string;
}

const headings = listHeadings(PAGE);

function listHeadings(page: string): Heading[] {
  // A comment in an example may begin like a heading.
  const found = [...page.replace(/^```.*?^```$/gms, blank).matchAll(/^(#{2,6}) (.*)$/gm)];
  return found.map(({ 1: hashes, 2: title, index }, i) => {
    const next = found.slice(i + 1).find((other) => other[1]!.length <= hashes!.length);
    return { level: hashes!.length, title: title!, text: page.slice(index, next?.index) };
  });
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

function names(text: string, name: string): boolean {
  return new RegExp(`\\bmarket\\.${name}\\b`).test(text);
}

/** What the page says of an object: the entries with its name in their heading, else its sections. */
function textsOf(name: string): string[] {
  const entries = headings.filter(({ level, title }) => level > 2 && names(title, name));
  if (entries.length > 0) return entries.map(({ text }) => text);
  return headings.filter(({ level, text }) => level === 2 && names(text, name))
    .map(({ text }) => text);
}

interface SqlObject {
  name: string;
  kind: "relation" | "function" | "type";
  columns: string[];
  comment: string | null;
}

async function listObjects(sql: Sql): Promise<SqlObject[]> {
  return await sql<SqlObject[]>`
    select r.relname as name, 'relation' as kind, obj_description(r.oid, 'pg_class') as comment,
      array(
        select a.attname::text from pg_attribute a
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
        order by a.attnum
      ) as columns
    from pg_class r
    where r.relnamespace = 'market'::regnamespace and r.relkind in ('r', 'p', 'v', 'm')
    union all
    select p.proname, 'function', obj_description(p.oid, 'pg_proc'),
      array(
        select argument.name
        from unnest(p.proargnames, p.proargmodes) argument (name, mode)
        where argument.mode in ('o', 't')
      )
    from pg_proc p
    where p.pronamespace = 'market'::regnamespace
    union all
    select t.typname, 'type', null, '{}'
    from pg_type t
    where t.typnamespace = 'market'::regnamespace and t.typtype = 'd'
    order by name`;
}

forEachDatabase("docs/sql.md names every table, view, function and aggregate", async ({ sql }) => {
  const missing = (await listObjects(sql)).filter(({ name }) => !names(PAGE, name));
  assert.deepEqual(missing.map(({ name, comment }) => `market.${name}: ${comment}`), []);
});

forEachDatabase("docs/sql.md names every column beside its object", async ({ sql }) => {
  const missing = (await listObjects(sql)).flatMap(({ name, columns }) => {
    const texts = textsOf(name);
    if (texts.some((text) => text.startsWith(BUILDING_BLOCKS))) return [];
    return columns.filter((column) => !texts.some((text) => text.includes(`\`${column}\``)))
      .map((column) => `market.${name}: \`${column}\``);
  });
  assert.deepEqual(missing, []);
});

forEachDatabase("docs/sql.md names nothing of schema market that is not there", async ({ sql }) => {
  const known = new Set((await listObjects(sql)).map(({ name }) => name));
  const named = [...PAGE.matchAll(/\bmarket\.([a-z_][a-z0-9_]*)/g)].map((match) => match[1]!);
  assert.ok(named.length > 100);
  assert.deepEqual([...new Set(named)].filter((name) => !known.has(name)), []);
});

forEachDatabase("docs/sql.md has examples that run, on an empty database", async ({ sql }) => {
  const examples = [...PAGE.matchAll(/^```sql\n(.*?)^```$/gms)].map((match) => match[1]!);
  assert.ok(examples.length > 20);
  const undone = new Error("undone");
  for (const example of examples) {
    const run = sql.begin(async (tx) => {
      await tx.unsafe(example);
      throw undone;
    });
    await assert.rejects(run, (error: Error) => {
      assert.equal(error.message, undone.message, `${error.message}, in the example:\n${example}`);
      return true;
    });
  }
});
