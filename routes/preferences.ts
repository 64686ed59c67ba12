/** `POST /preferences`: the theme and the watchlist of this browser, for pages without a script. */
import type { Context } from "hono";
import { z } from "zod";
import { Slug } from "../market/instrument.ts";
import { createRoute, type RouteEnv } from "./_env.ts";
import { ownPath } from "./_own_path.ts";
import { limitForm, parseForm } from "./_form.ts";
import { readPreferences, Theme, writePreferences } from "./_preferences.ts";
import { HttpProblem, type ProblemPage } from "./_problem.ts";

const PAGE: ProblemPage = {
  heading: "Not changed",
  section: undefined,
  back: { href: "/", label: "Back to the market" },
};

const Form = z.object({
  /** The page that the form is on. */
  back: z.string().max(2000).default("/"),
  theme: Theme.optional(),
  star: Slug.optional(),
  unstar: Slug.optional(),
});

/** Who reloads the page of a refusal, or types its address. */
export const GET = createRoute((c) => c.redirect("/", 303));

export const POST = createRoute(limitForm(PAGE), async (c) => {
  refuseForeignForm(c);
  const { back, theme, star, unstar } = await parseForm(c, Form, PAGE);
  const { watchlist } = readPreferences(c);
  if (theme) writePreferences(c, { theme });
  if (star || unstar) {
    const others = watchlist.filter((slug) => slug !== star && slug !== unstar);
    writePreferences(c, { watchlist: star ? [...others, star] : others });
  }
  const page = URL.parse(back, c.req.url);
  const isOwn = page?.origin === new URL(c.req.url).origin;
  return c.redirect(isOwn ? ownPath(page.href) + page.search : "/", 303);
});

/** Another site's form comes without our cookies: its star would be all that is left of a watchlist. */
function refuseForeignForm(c: Context<RouteEnv>): void {
  const site = c.req.header("Sec-Fetch-Site");
  const origin = c.req.header("Origin");
  const isForeign = site === undefined
    ? origin !== undefined && URL.parse(origin)?.host !== new URL(c.req.url).host
    : site !== "same-origin" && site !== "none";
  if (!isForeign) return;
  throw new HttpProblem(403, {
    code: "foreign_form",
    message: "Cannot change the preferences as another site's form may not",
  }, PAGE);
}
