/** Answers other than success: one thrown type, one JSON shape. */
import type { PageProps } from "./_env.ts";

/** The `error` of the API's error body. */
export interface ProblemBody {
  /** Stable and for programs: `invalid_query`, `unknown_symbol`, `not_found` … */
  code: string;
  /** For people: "Cannot … as …: current value is …". */
  message: string;
  /** The query parameter that is at fault. */
  field?: string;
  /** What it was. */
  value?: string;
}

/** What the page of a problem says beside its message. */
export interface ProblemPage {
  heading: string;
  /** The entry of the navigation that it belongs to. */
  section: PageProps["section"];
  /** Where to go from there. */
  back: { href: string; label: string };
}

/** An answer that a route gives up with; app.ts turns it into a page or, under `/api`, into JSON. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly status: 400 | 403 | 404 | 405 | 413 | 415 | 422 | 503;
  readonly body: ProblemBody;
  readonly page: ProblemPage | undefined;

  constructor(status: HttpProblem["status"], body: ProblemBody, page?: ProblemPage) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.page = page;
  }
}
