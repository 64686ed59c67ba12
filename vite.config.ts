/** Two builds: `vite build --mode client` for the browser, `vite build` for the server. */
import honox from "honox/vite";
import { defineConfig } from "vite";

/** Installed next to the bundle; one copy for it and for main.ts (LogTape's configuration is shared). */
const EXTERNAL = [
  "@logtape/logtape",
  "hono",
  "postgres",
  "preact",
  "preact-render-to-string",
  "zod",
];

export default defineConfig(({ mode }) => ({
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // HonoX's client names Hono's own renderer as a fallback that is never reached: Preact hydrates.
  resolve: mode === "client" ? { alias: { "hono/jsx/dom": "preact/compat" } } : {},
  build: mode === "client"
    ? { outDir: "dist/client", emptyOutDir: true, assetsInlineLimit: 0 }
    : { ssr: "./app.ts", outDir: "dist/server", emptyOutDir: true, target: "esnext" },
  ssr: { external: EXTERNAL },
  plugins: [honox({
    entry: "./app.ts",
    devServer: {
      env: async () => ({ ...(await (await import("./dev.ts")).openDevEnv()) }),
      // What the server renders is new with the next page only; a style changes in place.
      handleHotUpdate: ({ server, modules }) => {
        if (!modules.some((module) => module.ssrModule)) return;
        server.ws.send({ type: "full-reload" });
        return [];
      },
    },
    islandComponents: { islandDir: "/islands", reactApiImportSource: "preact/compat" },
    client: { input: ["/client.ts", "/static/site.css"], jsxImportSource: "preact" },
  })],
}));
