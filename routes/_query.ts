/** Query strings: read strictly, refused with the name of the field. */
import { z } from "zod";
import { Interval } from "../market/interval.ts";
import { HttpProblem } from "./_problem.ts";

/**
 * A date (`2026-11-22`, its 00:00 UTC) or an instant with an offset (`2026-11-22T09:30:00-05:00`), in
 * the years 1 to 9999 UTC: others have no ISO text that PostgreSQL reads.
 */
export const QueryInstant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: "must be a date such as 2026-11-22 or an instant such as 2026-11-22T14:30:00Z",
  })
  .transform((text) => new Date(text))
  .refine((instant) => {
    const year = instant.getUTCFullYear();
    return year >= 1 && year <= 9999;
  }, "must be in the years 1 to 9999 UTC");

/** An interval by its name. */
export const QueryInterval = z.enum(Interval.options, {
  error: `must be one of ${Interval.options.join(", ")}`,
});

/** A whole number in `[min, max]`, written in digits. */
export function queryInteger(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d{1,9}$/, error).transform(Number)
    .refine((value) => value >= min && value <= max, error);
}

/**
 * The query of `url` as `schema` reads it. A parameter that is given twice is refused too, and under
 * `/api` an unknown one: a typo must not become an answer to another question. A page's link may carry
 * what a messenger or a campaign hung on it.
 *
 * @param action What cannot be done without it: "list candles".
 * @throws {HttpProblem} 400 `invalid_query` that names the field.
 */
export function parseQuery<T extends z.ZodRawShape>(
  url: string,
  schema: z.ZodObject<T>,
  action: string,
): z.infer<z.ZodObject<T>> {
  const { pathname, searchParams: params } = new URL(url);
  const raw: Record<string, string> = {};
  for (const [name, value] of params) {
    if (!Object.hasOwn(schema.shape, name)) {
      if (!pathname.startsWith("/api/")) continue;
      const known = Object.keys(schema.shape).join(", ");
      throw invalidQuery(action, name, `${name} is not one of ${known || "no parameters"}`, value);
    }
    if (Object.hasOwn(raw, name)) {
      throw invalidQuery(
        action,
        name,
        `${name} must be given once`,
        params.getAll(name).join(", "),
      );
    }
    raw[name] = value;
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = String(issue.path[0] ?? "query");
  const rule = raw[field] === undefined ? "must be given" : issue.message;
  throw invalidQuery(action, field, `${field} ${rule}`, raw[field]);
}

/** The 400 of a query parameter; `rule` is a clause such as "limit must be …". */
export function invalidQuery(action: string, field: string, rule: string, value?: string) {
  const shown = value === undefined ? "missing" : JSON.stringify(value);
  return new HttpProblem(400, {
    code: "invalid_query",
    message: `Cannot ${action} as ${rule}: current value is ${shown}`,
    field,
    ...(value === undefined ? {} : { value }),
  });
}
