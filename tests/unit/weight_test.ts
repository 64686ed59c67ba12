import assert from "node:assert/strict";
import { listPageIslands } from "../../page_islands.ts";
import { describeLoads, isTooHeavy, listLoads, type Manifest } from "../../weight.ts";

const MANIFEST: Manifest = {
  "static/site.css": { file: "site.css" },
  "client.ts": {
    file: "client.js",
    dynamicImports: ["islands/BarChart.tsx", "islands/PriceChart.tsx"],
  },
  "_shared.js": { file: "shared.js", imports: ["client.ts"] },
  "islands/BarChart.tsx": {
    file: "bar.js",
    imports: ["client.ts", "_shared.js"],
    dynamicImports: ["frappe"],
  },
  "islands/PriceChart.tsx": {
    file: "price.js",
    imports: ["_shared.js", "_scales.js"],
    dynamicImports: ["lightweight"],
  },
  "_scales.js": { file: "scales.js" },
  frappe: { file: "frappe.js" },
  lightweight: { file: "lightweight.js" },
};

const WEIGHTS: Record<string, number> = {
  "site.css": 15_000,
  "client.js": 10_000,
  "shared.js": 5000,
  "bar.js": 5000,
  "frappe.js": 20_000,
  "price.js": 4000,
  "scales.js": 6000,
  "lightweight.js": 60_000,
};

const PAGES = [
  { page: "/", islands: ["islands/BarChart.tsx"] },
  { page: "/instruments/[slug]", islands: ["islands/BarChart.tsx", "islands/PriceChart.tsx"] },
];

const loadsWith = (weights: Record<string, number>, manifest = MANIFEST) =>
  listLoads(manifest, PAGES, (file) => ({ ...WEIGHTS, ...weights })[file]!);

Deno.test("listLoads() counts each file once that a page can come to load, now or later", () => {
  assert.deepEqual(loadsWith({}), [
    { what: "CSS", bytes: 15_000, limitBytes: 15_000 },
    { what: "JavaScript of /", bytes: 40_000, limitBytes: 40_000 },
    { what: "JavaScript of /instruments/[slug]", bytes: 110_000, limitBytes: 110_000 },
  ]);
});

Deno.test("A byte too much anywhere breaks its lines of the budget, and no other", () => {
  const broken = (file: string) =>
    loadsWith({ [file]: WEIGHTS[file]! + 1 }).filter(isTooHeavy).map(({ what }) => what);
  assert.deepEqual(loadsWith({}).filter(isTooHeavy), []);
  assert.deepEqual(broken("site.css"), ["CSS"]);
  for (const file of ["client.js", "shared.js", "bar.js", "frappe.js"]) {
    assert.deepEqual(broken(file).length, 2, file);
  }
  for (const file of ["price.js", "scales.js", "lightweight.js"]) {
    assert.deepEqual(broken(file), ["JavaScript of /instruments/[slug]"], file);
  }
  assert.match(
    describeLoads(loadsWith({ "site.css": 15_100 })),
    /^CSS +15\.1 kB of +15\.0 kB: too heavy\n[^:]+ 40\.0 kB of +40\.0 kB\n/,
  );
});

Deno.test("A budget of nothing is an error: the manifest must have what is weighed", () => {
  for (const source of ["client.ts", "static/site.css", "islands/PriceChart.tsx", "frappe"]) {
    const { [source]: _, ...rest } = MANIFEST;
    assert.throws(() => loadsWith({}, rest), new RegExp(`has no ${source}`));
  }
  assert.throws(() => listLoads(MANIFEST, [], () => 0), /has no page/);
});

Deno.test("listPageIslands() finds the islands that a route leads to, and those around every page", () => {
  const sources: Record<string, string> = {
    "routes/_renderer.tsx": `import { Layout } from "../components/Layout.tsx";`,
    "routes/index.tsx": `import Bars from "../islands/BarChart.tsx";
import type { Props } from "../islands/PriceChart.tsx";`,
    "routes/instruments/[slug].tsx": `import {
  Section,
} from "../../components/Section.tsx";`,
    "routes/api/v1/candles.ts": "",
    "components/Layout.tsx": `import Theme from "../islands/Theme.tsx";`,
    "components/Section.tsx": `import Price from "../islands/PriceChart.tsx";`,
    "islands/Theme.tsx": `import { h } from "preact";`,
    "islands/BarChart.tsx": `import { draw } from "./draw.ts";`,
    "islands/PriceChart.tsx": "",
    "islands/draw.ts": "",
  };
  assert.deepEqual(listPageIslands(Object.keys(sources), (file) => sources[file]!), [
    { page: "/", islands: ["islands/BarChart.tsx", "islands/Theme.tsx"] },
    { page: "/instruments/[slug]", islands: ["islands/PriceChart.tsx", "islands/Theme.tsx"] },
  ]);
});
