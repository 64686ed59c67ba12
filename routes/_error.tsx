/** What a thrown error becomes: a page, or one JSON shape under `/api`. */
import { getLogger } from "@logtape/logtape";
import type { Context } from "hono";
import { explainDatabaseError } from "../db/errors.ts";
import type { RouteEnv } from "./_env.ts";
import { ownPath } from "./_own_path.ts";
import { HttpProblem, type ProblemBody } from "./_problem.ts";

/** Whether the request is for a program. */
export function isApi(c: Context<RouteEnv>): boolean {
  return c.req.path === "/api" || c.req.path.startsWith("/api/");
}

/** The API's error shape: `{ "error": { code, message, field?, value? } }`. */
export function problemJson(
  c: Context<RouteEnv>,
  status: HttpProblem["status"] | 500,
  error: ProblemBody,
) {
  c.header("Cache-Control", "no-store");
  return c.json({ error }, status);
}

/**
 * Answers a problem as it says; logs anything else once and shows none of it. A database that is away is
 * one line in the log, as it fails every request until it is back.
 */
export function renderError(error: Error, c: Context<RouteEnv>): Response | Promise<Response> {
  if (error instanceof HttpProblem) {
    if (isApi(c)) return problemJson(c, error.status, error.body);
    c.status(error.status);
    const { heading, section, title, back } = {
      heading: "This address does not work",
      section: undefined,
      title: error.status === 400 ? "Bad request" : "Not answered",
      back: error.status === 400
        ? { href: ownPath(c.req.url), label: "Try without the query" }
        : null,
      ...error.page && { ...error.page, title: error.page.heading },
    };
    return c.render(
      <section class="card empty">
        <h1>{heading}</h1>
        <p>{error.body.message}.</p>
        <p>
          {back && <a class="button" href={back.href}>{back.label}</a>}
          <a class="button" href="/">See all instruments</a>
        </p>
      </section>,
      { title, section },
    );
  }
  const known = explainDatabaseError(error);
  getLogger(["chandlery", "site"]).error("{method} {path} failed: {reason}", {
    method: c.req.method,
    path: c.req.path,
    reason: known?.message ?? error,
  });
  if (known !== null && isApi(c)) {
    return problemJson(c, 503, {
      code: "unavailable",
      message: "Cannot answer as the database is away: try again in a moment",
    });
  }
  if (isApi(c)) {
    return problemJson(c, 500, {
      code: "internal",
      message: "Cannot answer as something failed on the server: its log says what",
    });
  }
  c.status(known === null ? 500 : 503);
  return c.render(
    <section class="card empty">
      <h1>{known === null ? "Something failed on our side" : "The database is away"}</h1>
      <p>The server's log says why{known === null ? "" : ", and what to do"}.</p>
      <p>
        <a class="button" href={ownPath(c.req.url)}>Try again</a>
        <a class="button" href="/healthz">Check the health</a>
      </p>
    </section>,
    { title: "Error" },
  );
}
