/** Writes `db/schema.sql`, the snapshot of schema `market`: `deno run -A db/snapshot.ts`. */
import { join } from "node:path";
import { openDatabase } from "./connect.ts";
import { migrate } from "./migrate.ts";
import { describeSchema } from "./schema_text.ts";

const dataDir = await Deno.makeTempDir({ prefix: "chandlery-schema-" });
try {
  const database = await openDatabase({ dataDir });
  try {
    await migrate(database.sql);
    const path = join(import.meta.dirname ?? ".", "schema.sql");
    await Deno.writeTextFile(path, await describeSchema(database.sql));
    console.log(`Wrote ${path}`);
  } finally {
    await database.close();
  }
} finally {
  await Deno.remove(dataDir, { recursive: true });
}
