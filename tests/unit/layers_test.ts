/** DESIGN.md's "Who may import whom", enforced on the module graph and on the syntax tree. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

interface Layer {
  name: string;
  /** Its files, as paths from the project's root; the first layer that matches counts. */
  files: RegExp;
  /** The layers that it may import beside itself. */
  imports: readonly string[];
  /** The npm packages that it may import. */
  packages: readonly string[];
}

const ANY = ["*"];
/** What renders and answers pages. */
const WEB = ["hono", "honox", "preact", "preact-render-to-string", "zod", "@logtape/logtape"];

/** Nobody may import a layer that no other names: entries, command lines, tests. */
const LAYERS: readonly Layer[] = [
  {
    name: "tests and tools",
    files: /^(tests|bench|docs|\.ci)\//,
    imports: ANY,
    packages: ANY,
  },
  {
    name: "command lines",
    files: /(^|\/)cli\.ts$|^db\/snapshot\.ts$/,
    imports: ["commands", "wiring", "config", "market", "db", "etl", "simulator"],
    packages: ANY,
  },
  {
    // Too many for one command line: a file each, which only that imports.
    name: "commands",
    files: /^etl\/cli\//,
    imports: ["wiring", "config", "market", "db", "etl"],
    packages: ANY,
  },
  {
    name: "entries",
    files: /^(main|client|build|vite\.config)\.tsx?$/,
    imports: ["wiring", "config", "market", "db", "etl", "simulator", "site", "build"],
    packages: ANY,
  },
  { name: "site", files: /^app\.tsx?$/, imports: ["routes", "islands"], packages: ANY },
  { name: "build", files: /^dist\//, imports: ANY, packages: ANY },
  { name: "config", files: /^config\.ts$/, imports: ["market"], packages: ["zod"] },
  {
    // The rest of the top folder: what the entries and the command lines share.
    name: "wiring",
    files: /^[^/]+\.tsx?$/,
    imports: ["config", "market", "db", "etl", "simulator", "site", "routes", "build"],
    packages: ANY,
  },
  { name: "market", files: /^market\//, imports: [], packages: ["zod"] },
  {
    name: "db",
    files: /^db\//,
    imports: ["market"],
    packages: [
      "postgres",
      "@electric-sql/pglite",
      "postgrator",
      "zod",
      "@logtape/logtape",
    ],
  },
  {
    name: "etl",
    files: /^etl\//,
    imports: ["market", "db"],
    packages: [
      "zod",
      "cockatiel",
      "cli-progress",
      "cli-table3",
      "croner",
      "csv-parse",
      "csv-stringify",
      "hyparquet-writer",
      "@logtape/logtape",
    ],
  },
  { name: "simulator", files: /^simulator\//, imports: ["market"], packages: ["zod", "hono"] },
  {
    name: "routes",
    files: /^routes\//,
    imports: ["market", "db", "islands", "components", "static"],
    packages: WEB,
  },
  {
    name: "components",
    files: /^components\//,
    imports: ["market", "db", "islands", "static"],
    packages: WEB,
  },
  { name: "static", files: /^static\//, imports: [], packages: [] },
  {
    name: "islands",
    files: /^islands\//,
    imports: ["market"],
    packages: ["preact", "frappe-charts", "lightweight-charts", "zod"],
  },
];

interface Edge {
  from: string;
  /** A path from the root, or `npm:name`, or `node:name`. */
  to: string;
}

/** What only some files may do, found in the syntax tree, so that a comment or a text does not count. */
interface Habit {
  name: string;
  allowed: RegExp;
  /** Whether a node of the syntax tree does it. */
  isFound: (node: Deno.lint.Node) => boolean;
}

const SQL =
  /^\s*(select\s[^]+\sfrom|insert\s+into|update\s[^]+\sset|delete\s+from|create\s+(table|view|schema|index|function)|alter\s+table|with\s+\w+\s+as\s*\()\s/i;

const HABITS: readonly Habit[] = [
  {
    name: "reads the environment, which only config.ts may",
    allowed: /^(config\.ts$|tests\/|bench\/)/,
    isFound: (node) =>
      isMember(node, "Deno", "env") || isMember(node, "process", "env") ||
      (node.type === "ImportDeclaration" && /^(node:)?process$/.test(node.source.value) &&
        node.specifiers.some(({ local }) => local.name === "env")) ||
      (node.type === "VariableDeclarator" && node.id.type === "ObjectPattern" &&
        node.init?.type === "Identifier" && node.init.name === "Deno"),
  },
  {
    name: "fetches, which only etl/providers, the simulator and islands may",
    allowed: /^(etl\/providers|simulator|islands|tests|bench|docs)\//,
    isFound: (node) =>
      isMember(node, "globalThis", "fetch") || isMember(node, "window", "fetch") ||
      (node.type === "CallExpression" && node.callee.type === "Identifier" &&
        node.callee.name === "fetch"),
  },
  {
    name: "holds SQL, which only db/ may",
    allowed: /^(db|tests|bench)\//,
    isFound: (node) =>
      (node.type === "TaggedTemplateExpression" && node.tag.type === "Identifier" &&
        /^(sql|tx)$/.test(node.tag.name)) ||
      (node.type === "TemplateLiteral" && SQL.test(node.quasis.map((q) => q.cooked).join(" ? "))) ||
      (node.type === "Literal" && typeof node.value === "string" && SQL.test(node.value)),
  },
];

const ROOT = new URL("../../", import.meta.url);
const SKIPPED = /^(node_modules|dist|\.data|\.git|tests\/fixtures)$/;

Deno.test("no file imports what the layers of the design forbid", async () => {
  const files = sourceFiles().filter((file) => !file.startsWith("tests/"));
  assert.ok(files.length > 40 && files.includes("market/candle.ts"), "the files were found");
  const edges = await importsOf(files);
  const isThere = (from: string, to: string) =>
    edges.some((edge) => edge.from === from && edge.to === to);
  assert.ok(isThere("market/candle.ts", "npm:zod"));
  assert.ok(isThere("etl/provider.ts", "market/interval.ts"), "an import of a type counts");
  assert.deepEqual(edges.map(brokenLayer).filter((problem) => problem !== null), []);
});

Deno.test("no file has a habit that is another's: environment, network, SQL", () => {
  const problems = sourceFiles().flatMap((file) =>
    brokenHabits(file, Deno.readTextFileSync(new URL(file, ROOT)))
  );
  assert.deepEqual(problems, []);
});

Deno.test("the layers forbid what the design forbids, so the check can fail", () => {
  const forbidden = [
    ["market/candle.ts", "db/candles.ts"],
    ["market/candle.ts", "npm:postgres"],
    ["db/candles.ts", "etl/run.ts"],
    ["db/connect.ts", "config.ts"],
    ["etl/run.ts", "simulator/market.ts"],
    ["etl/normalize.ts", "routes/index.tsx"],
    ["etl/run.ts", "etl/cli.ts"],
    ["etl/run.ts", "etl/cli/run.ts"],
    ["main.ts", "etl/cli/run.ts"],
    ["simulator/market.ts", "db/connect.ts"],
    ["simulator/market.ts", "etl/provider.ts"],
    ["routes/index.tsx", "etl/run.ts"],
    ["routes/index.tsx", "config.ts"],
    ["routes/index.tsx", "npm:postgres"],
    ["components/Layout.tsx", "routes/index.tsx"],
    ["islands/PriceChart.tsx", "db/candles.ts"],
    ["islands/PriceChart.tsx", "components/Layout.tsx"],
    ["islands/PriceChart.tsx", "npm:hono"],
    ["islands/PriceChart.tsx", "node:fs"],
    ["market/session.ts", "node:fs"],
    ["serve.ts", "main.ts"],
    ["main.ts", "etl/cli.ts"],
    ["routes/index.tsx", "serve.ts"],
    ["etl/run.ts", "provider.ts"],
    ["config.ts", "db/connect.ts"],
    ["etl/run.ts", "tests/support/databases.ts"],
    ["misc/new_folder.ts", "market/candle.ts"],
  ] as const;
  for (const [from, to] of forbidden) assert.ok(brokenLayer({ from, to }), `${from} → ${to}`);
  const allowed = [
    ["market/candle.ts", "npm:zod"],
    ["etl/run.ts", "db/candles.ts"],
    ["routes/index.tsx", "islands/PriceChart.tsx"],
    ["main.ts", "config.ts"],
    ["etl/cli.ts", "config.ts"],
    ["tests/unit/layers_test.ts", "main.ts"],
    ["islands/PriceChart.tsx", "npm:preact"],
  ] as const;
  for (const [from, to] of allowed) assert.equal(brokenLayer({ from, to }), null);
});

Deno.test("the habits are found in code, and not in comments or in texts", () => {
  const found = (file: string, code: string) => brokenHabits(file, code).length > 0;
  assert.ok(found("etl/run.ts", `const key = Deno.env.get("KEY");`));
  assert.ok(found("islands/a.tsx", `export default () => <p>{Deno.env.get("KEY")}</p>;`));
  assert.ok(found("etl/run.ts", `const { env } = Deno;`));
  assert.ok(found("etl/run.ts", `import { env } from "node:process";`));
  assert.ok(found("etl/run.ts", `process.env.KEY;`));
  assert.ok(found("routes/index.tsx", `await fetch("https://x.example");`));
  assert.ok(found("db/connect.ts", `await globalThis.fetch("https://x.example");`));
  assert.ok(found("etl/run.ts", "await sql`select 1`;"));
  assert.ok(found("etl/run.ts", `query("SELECT a FROM b WHERE c");`));
  assert.ok(found("routes/index.tsx", "query(`insert into ${table} values (1)`);"));
  assert.ok(!found("etl/run.ts", `// Deno.env, fetch("x")\nsay("Deno.env: select one");`));
  assert.ok(!found("etl/run.ts", `app.fetch(request); const fetch = options.fetch;`));
  assert.ok(!found("db/candles.ts", "await sql`select 1`;"));
  assert.ok(!found("config.ts", `Deno.env.get("KEY");`));
});

/** Why the import is forbidden; null when it is allowed. */
function brokenLayer({ from, to }: Edge): string | null {
  const layer = layerOf(from);
  if (layer === undefined) return `${from}: the folder is in no layer`;
  const isAllowed = (list: readonly string[], name: string) => list === ANY || list.includes(name);
  if (to.startsWith("node:")) {
    return ["market", "islands"].includes(layer.name)
      ? `${from} (${layer.name}) must not import ${to}`
      : null;
  }
  const target = to.startsWith("npm:") ? undefined : layerOf(to);
  const name = target?.name ?? to.replace(/^npm:/, "");
  if (target === layer && name !== "entries" && name !== "command lines") return null;
  const isFine = isAllowed(target ? layer.imports : layer.packages, name);
  return isFine ? null : `${from} (${layer.name}) must not import ${to} (${name})`;
}

function layerOf(file: string): Layer | undefined {
  return LAYERS.find(({ files }) => files.test(file));
}

/** Every import of the files, types included, out of the module graph that Deno itself builds. */
async function importsOf(files: string[]): Promise<Edge[]> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = files.map((file) => `import ${JSON.stringify(new URL(file, ROOT).href)};`);
    await Deno.writeTextFile(entry, lines.join("\n"));
    const command = new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", fileURLToPath(new URL("deno.json", ROOT)), entry],
      cwd: fileURLToPath(ROOT),
    });
    const { success, stdout, stderr } = await command.output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return edgesOf(JSON.parse(new TextDecoder().decode(stdout)), new Set(files));
  } finally {
    await Deno.remove(entry);
  }
}

interface ModuleGraph {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: {
      specifier: string;
      code?: { specifier?: string };
      type?: { specifier?: string };
    }[];
  }[];
}

function edgesOf(graph: ModuleGraph, files: Set<string>): Edge[] {
  const edges: Edge[] = [];
  for (const { specifier, error, dependencies = [] } of graph.modules) {
    const from = nameOf(specifier);
    if (!files.delete(from)) continue;
    assert.equal(error, undefined, `${from}: ${error}`);
    for (const { code, type } of dependencies) {
      const target = code?.specifier ?? type?.specifier;
      if (target !== undefined) edges.push({ from, to: nameOf(target) });
    }
  }
  assert.deepEqual([...files], [], "Deno's graph holds every file");
  return edges;
}

/** `file:///…/db/url.ts` → `db/url.ts`; `npm:/@scope/name@1.2/sub` → `npm:@scope/name`. */
function nameOf(specifier: string): string {
  if (specifier.startsWith(ROOT.href)) return specifier.slice(ROOT.href.length);
  return specifier.replace(/^npm:\/?(@[^/]+\/[^/@]+|[^/@]+).*$/, "npm:$1");
}

function sourceFiles(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap((entry) => {
    const path = folder + entry.name;
    if (entry.isDirectory) return SKIPPED.test(path) ? [] : sourceFiles(`${path}/`);
    return /\.tsx?$/.test(path) ? [path] : [];
  }).sort();
}

/** The habits of a file that are not its own, each with its line. */
function brokenHabits(file: string, code: string): string[] {
  const habits = HABITS.filter(({ allowed }) => !allowed.test(file));
  const plugin: Deno.lint.Plugin = {
    name: "layers",
    rules: {
      habits: {
        create: (context) => {
          const visit = (node: Deno.lint.Node) => {
            for (const { name, isFound } of habits) {
              if (isFound(node)) context.report({ node, message: name });
            }
          };
          return {
            MemberExpression: visit,
            ImportDeclaration: visit,
            VariableDeclarator: visit,
            CallExpression: visit,
            TaggedTemplateExpression: visit,
            TemplateLiteral: visit,
            Literal: visit,
          };
        },
      },
    },
  };
  return Deno.lint.runPlugin(plugin, file, code).map(({ message, range }) =>
    `${file}:${code.slice(0, range[0]).split("\n").length} ${message}`
  );
}

function isMember(node: Deno.lint.Node, object: string, property: string): boolean {
  return node.type === "MemberExpression" && node.object.type === "Identifier" &&
    node.object.name === object && node.property.type === "Identifier" &&
    node.property.name === property;
}
