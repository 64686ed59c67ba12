/** What a person chose for this browser: kept in its cookies, and shown from the first byte on. */
import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import { parse } from "hono/utils/cookie";
import { z } from "zod";
import { COOKIE_SECONDS, MOST_STARS, SEPARATOR } from "../islands/preference_cookies.ts";
import { SLUG } from "../market/slug.ts";
import type { RouteEnv } from "./_env.ts";

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
  return parsePreferences(c.req.header("Cookie") ?? "");
}

function parsePreferences(cookieHeader: string): Preferences {
  const cookies = parse(cookieHeader);
  const slugs = (cookies.watchlist ?? "").split(SEPARATOR);
  return {
    theme: Theme.safeParse(cookies.theme).data ?? null,
    watchlist: [...new Set(slugs.filter((slug) => SLUG.test(slug)))]
      .slice(0, MOST_STARS),
  };
}

/**
 * The `Cookie` header with the preferences of `cookieHeader` and nothing else, the same for the same
 * preferences; empty when there is none.
 */
export function preferenceCookies(cookieHeader: string): string {
  return Object.entries(cookiesOf(parsePreferences(cookieHeader)))
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${encodeURIComponent(value!)}`)
    .join("; ");
}

/** Sends the preferences that changed to the browser. */
export function writePreferences(c: Context<RouteEnv>, changed: Partial<Preferences>): void {
  for (const [name, value] of Object.entries(cookiesOf(changed))) {
    if (value === undefined) continue;
    // The page's own script reads and writes them too, so that a switch needs no request.
    setCookie(c, name, value, { path: "/", maxAge: COOKIE_SECONDS, sameSite: "Lax" });
  }
}

/** One cookie each; undefined where `preferences` says nothing. */
function cookiesOf({ theme, watchlist }: Partial<Preferences>) {
  return {
    theme: theme ?? undefined,
    watchlist: watchlist?.slice(-MOST_STARS).join(SEPARATOR),
  };
}
