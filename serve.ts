/** Serves the built site. */
import type { Config } from "./config.ts";
import { OperatorError } from "./market/errors.ts";
import type { SiteEnv } from "./routes/_env.ts";

/** A start right after a kill may meet the last of the one before. */
const LISTEN_ATTEMPTS = 10;
const LISTEN_PAUSE_MS = 150;

/** How old the data of an answer may be: one that is asked for all the time is made this often. */
const LIFETIME_MS = 2000;

/**
 * Listens at once, so that a port in use is known before anything else is touched; requests wait until
 * `env` is there.
 * @throws {OperatorError} when the site is not built or the address cannot be had.
 */
export async function serveSite(
  { host, port }: Config,
  env: Promise<SiteEnv>,
): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const { createSite } = await importBuiltSite();
  const opening = env.then((env) => createSite(env, { lifetimeMs: LIFETIME_MS }));
  let site: Awaited<typeof opening> | undefined;
  // Who awaits `env` hears of its failure; a request that waits gets it too.
  opening.then((opened) => site = opened, () => {});
  const handle = (request: Request) => site?.(request) ?? opening.then((site) => site(request));
  for (let attempt = 1;; attempt++) {
    try {
      return Deno.serve({ hostname: host, port, onListen: () => {} }, handle);
    } catch (error) {
      const isInUse = error instanceof Deno.errors.AddrInUse;
      if (!isInUse || attempt === LISTEN_ATTEMPTS) throw explainListenError(error, host, port);
      await new Promise((resolve) => setTimeout(resolve, LISTEN_PAUSE_MS));
    }
  }
}

/** The address as a person types it. */
export function addressOf({ addr }: Deno.HttpServer<Deno.NetAddr>): string {
  const host = addr.hostname.includes(":") ? `[${addr.hostname}]` : addr.hostname;
  return `http://${host}:${addr.port}/`;
}

async function importBuiltSite(): Promise<typeof import("./app.ts")> {
  const bundle = new URL("./dist/server/app.mjs", import.meta.url);
  await Deno.stat(bundle).catch((cause) => {
    throw new OperatorError("Cannot serve the site as it is not built: run deno task build", {
      cause,
    });
  });
  return await import(bundle.href);
}

function explainListenError(error: unknown, host: string, port: number): OperatorError {
  const at = `Cannot serve on ${host}:${port} as`;
  const cause = { cause: error };
  if (error instanceof Deno.errors.AddrInUse) {
    return new OperatorError(
      `${at} the port is in use: end the program that has it, or set PORT to another one`,
      cause,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new OperatorError(`${at} this user may not: set PORT to 1024 or higher`, cause);
  }
  const why = error instanceof Error ? error.message : String(error);
  return new OperatorError(
    `${at} this machine has no such address (${why}): set HOST to one of its own`,
    cause,
  );
}
