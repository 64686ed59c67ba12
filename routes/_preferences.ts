/** What a person chose for this browser: kept in its cookies, and shown from the first byte on. */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import { Slug } from "../market/instrument.ts";
import type { RouteEnv } from "./_env.ts";

/** As long as a browser keeps a cookie. */
const YEAR_SECONDS = 400 * 24 * 60 * 60;
const MOST_STARS = 100;
/** A slug holds no such character, and a cookie may. */
const SEPARATOR = "|";

export const Theme = z.enum(["light", "dark"], { error: "must be light or dark" });

export type Theme = z.infer<typeof Theme>;

export interface Preferences {
  /** Null: what the system prefers. */
  theme: Theme | null;
  /** Slugs of the starred instruments, in the order in which they were starred. */
  watchlist: string[];
}

/** The preferences of the request. A cookie is anyone's text: what is none of ours is left out. */
export function readPreferences(c: Context<RouteEnv>): Preferences {
  const slugs = (getCookie(c, "watchlist") ?? "").split(SEPARATOR);
  return {
    theme: Theme.safeParse(getCookie(c, "theme")).data ?? null,
    watchlist: [...new Set(slugs.filter((slug) => Slug.safeParse(slug).success))]
      .slice(0, MOST_STARS),
  };
}

/** Sends the preferences that changed to the browser. */
export function writePreferences(c: Context<RouteEnv>, changed: Partial<Preferences>): void {
  const cookies = {
    theme: changed.theme ?? undefined,
    watchlist: changed.watchlist?.slice(-MOST_STARS).join(SEPARATOR),
  };
  for (const [name, value] of Object.entries(cookies)) {
    if (value === undefined) continue;
    // The page's own script reads and writes them too, so that a switch needs no request.
    setCookie(c, name, value, { path: "/", maxAge: YEAR_SECONDS, sameSite: "Lax" });
  }
}
