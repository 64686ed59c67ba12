/**
 * `deno task bench [NAME]`: one measurement, or all of them. Each prints ratios of one run.
 * `deno task bench query --write` and `… site --write` also write their parts of docs/performance.md.
 */
import { benchLoad } from "./load.ts";
import { benchQuery } from "./query.ts";
import { benchSite } from "./site.ts";
import { benchStart } from "./start.ts";

const BENCHES: Record<string, (args: string[]) => Promise<void>> = {
  start: benchStart,
  load: benchLoad,
  query: benchQuery,
  site: benchSite,
};

const [name, ...args] = Deno.args;
const chosen = name === undefined ? Object.keys(BENCHES) : [name];
for (const name of chosen) {
  const bench = BENCHES[name];
  if (!bench) {
    console.error(`Unknown bench "${name}": there are ${Object.keys(BENCHES).join(", ")}`);
    Deno.exit(1);
  }
  console.log(`# ${name}`);
  await bench(args);
}
