/** What a developer sees: `deno task dev` loads a page again when what renders it has changed. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { launchBrowser, newPage } from "../support/browser.ts";
import { spawnScript } from "../support/processes.ts";
import { withDataDir } from "../support/temp.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

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
        let restarts = 0;
        server.restart = () => void restarts++;
        print(server.resolvedUrls.local[0]);
        // As if the file had been saved: tests run side by side, so none may be written to.
        await signal();
        server.watcher.emit("change", Deno.cwd() + "/components/Layout.tsx");
        await signal();
        Deno.exit(restarts);
      `);
      const browser = await launchBrowser();
      let built: string | undefined;
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
        built = await Deno.makeTempFile({ dir: DIST });
        await Promise.all([page.waitForEvent("load"), child.send("the file has changed")]);
        await page.getByRole("heading", { level: 1, name: "Pipeline" }).waitFor();
        await child.send("end");
        const { code, stderr } = await child.finish();
        assert.equal(code, 0, `times that a file in dist started the server again; ${stderr}`);
      } finally {
        await browser.close();
        await child.finish();
        if (built !== undefined) await Deno.remove(built);
      }
    }),
});
