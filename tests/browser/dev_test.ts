/** What a developer sees: `deno task dev` loads a page again when what renders it has changed. */
import assert from "node:assert/strict";
import { launchBrowser, newPage } from "../support/browser.ts";
import { spawnScript } from "../support/processes.ts";
import { withDataDir } from "../support/temp.ts";

Deno.test({
  name: "The development server reloads a page whose component has changed",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withDataDir(async (dataDir) => {
      const child = spawnScript(`
        Deno.env.set("DATA_DIR", ${JSON.stringify(dataDir)});
        for (const name of ["DATABASE_URL", "TWELVE_DATA_API_KEY"]) Deno.env.set(name, "");
        const { createServer } = await import("vite");
        const server = await createServer({
          configLoader: "native",
          logLevel: "error",
          cacheDir: ${JSON.stringify(`${dataDir}/vite`)},
          server: { host: "127.0.0.1", port: 0 },
        });
        await server.listen();
        print(server.resolvedUrls.local[0]);
        // As if the file had been saved: tests run side by side, so none may be written to.
        await signal();
        server.watcher.emit("change", Deno.cwd() + "/components/Layout.tsx");
        await signal();
        Deno.exit();
      `);
      const browser = await launchBrowser();
      try {
        const address = await child.nextValue() ?? assert.fail((await child.finish()).stderr);
        const baseUrl = String(address);
        const { page, trouble } = await newPage(browser, { baseUrl });
        // It prepares its modules when they are first asked for, beside other tests.
        page.setDefaultTimeout(120_000);
        await Promise.all([
          page.waitForEvent("console", (message) => message.text().includes("[vite] connected")),
          page.goto("/pipeline"),
        ]);
        assert.deepEqual(trouble.consoleErrors, []);
        await Promise.all([page.waitForEvent("load"), child.send("the file has changed")]);
        await page.getByRole("heading", { level: 1, name: "Pipeline" }).waitFor();
      } finally {
        await browser.close();
        await child.send("end").catch(() => {});
        await child.finish();
      }
    }),
});
