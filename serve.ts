/** Serves the built site. */
import type { Config } from "./config.ts";
import { OperatorError } from "./market/errors.ts";
import type { SiteEnv } from "./routes/_env.ts";

/**
 * Listens at once, so that a port in use is known before anything else is touched; requests wait until
 * `env` is there.
 * @throws {OperatorError} when the port cannot be had.
 */
export function serveSite(
  { host, port }: Config,
  env: Promise<SiteEnv>,
): Deno.HttpServer<Deno.NetAddr> {
  const site = env.then(async (env) => (await importBuiltSite()).createSite(env));
  // Who awaits `env` hears of its failure; a request that waits gets it too.
  site.catch(() => {});
  try {
    return Deno.serve({ hostname: host, port, onListen: () => {} }, async (request) => {
      return await (await site)(request);
    });
  } catch (error) {
    throw explainListenError(error, host, port);
  }
}

async function importBuiltSite(): Promise<typeof import("./app.ts")> {
  const bundle = new URL("./dist/server/app.mjs", import.meta.url);
  try {
    return await import(bundle.href);
  } catch (cause) {
    throw new OperatorError("Cannot serve the site as it is not built: run deno task build", {
      cause,
    });
  }
}

function explainListenError(error: unknown, host: string, port: number): unknown {
  const at = `Cannot serve on ${host}:${port} as`;
  if (error instanceof Deno.errors.AddrInUse) {
    return new OperatorError(
      `${at} the port is in use: end the program that has it, or set PORT to another one`,
      { cause: error },
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new OperatorError(`${at} this user may not: set PORT to 1024 or higher`, {
      cause: error,
    });
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return new OperatorError(`${at} this machine has no such address: set HOST to one of its own`, {
      cause: error,
    });
  }
  return error;
}
