/** Two builds: `vite build --mode client` for the browser, `vite build` for the server. */
import honox from "honox/vite";
import { defineConfig, type Plugin, type UserConfig } from "vite";

/** Installed next to the bundle; one copy for it and for main.ts (LogTape's configuration is shared). */
const EXTERNAL = [
  "@logtape/logtape",
  "hono",
  "lru-cache",
  "postgres",
  "preact",
  "preact-render-to-string",
  "zod",
];

const ONLY_ON_SERVER = /honox\/dist\/vite\/components|preact\/compat/;

/** The browser shows what the server rendered: when its modules change, the page is loaded again. */
const reloadOnServerChange: Plugin = {
  name: "reload-on-server-change",
  hotUpdate({ modules, server }) {
    if (this.environment.name === "ssr" && modules.length > 0) {
      server.ws.send({ type: "full-reload" });
    }
  },
};

/** What main.ts does at its start; only `deno task dev` loads it. */
const importDev = () => import("./dev.ts");

const openAtStart: Plugin = {
  name: "open-at-start",
  configureServer: async () => void (await importDev()).openDevEnv(),
};

export default defineConfig(async ({ mode, command }): Promise<UserConfig> => ({
  publicDir: false,
  server: command === "serve" ? (await importDev()).devServer() : {},
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // Of Frappe's chart classes only that of axes is used, which imports nothing else from there.
  resolve: { alias: { "../utils/animation": "/islands/frappe_stills.ts" } },
  build: mode === "client"
    ? {
      outDir: "dist/client",
      emptyOutDir: true,
      assetsInlineLimit: 0,
      // HonoX's wrapper of islands and Preact's compatibility layer are for the server's render alone.
      rolldownOptions: { treeshake: { moduleSideEffects: (id) => !ONLY_ON_SERVER.test(id) } },
    }
    : { ssr: "./app.ts", outDir: "dist/server", emptyOutDir: true, target: "esnext" },
  ssr: { external: EXTERNAL },
  plugins: [
    openAtStart,
    reloadOnServerChange,
    honox({
      entry: "./app.ts",
      devServer: { env: async () => ({ ...await (await importDev()).openDevEnv() }) },
      islandComponents: { islandDir: "/islands", reactApiImportSource: "preact/compat" },
      client: { input: ["/client.ts", "/static/site.css"], jsxImportSource: "preact" },
    }),
  ],
}));
