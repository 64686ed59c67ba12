/** Forms: small, of one content type, read strictly; what was typed is never shown again. */
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import type { RouteEnv } from "./_env.ts";
import { HttpProblem, type ProblemPage } from "./_problem.ts";

/** No form of ours is longer, and nobody's upload is read. */
const MOST_BYTES = 4096;
const CONTENT_TYPE = "application/x-www-form-urlencoded";

/** Refuses a body that is longer than any form of ours, before it is read. */
export function limitForm(page: ProblemPage) {
  return bodyLimit({
    maxSize: MOST_BYTES,
    onError: () => {
      throw new HttpProblem(413, {
        code: "form_too_large",
        message: `Cannot read the form as it must have at most ${MOST_BYTES} bytes`,
      }, page);
    },
  });
}

/**
 * The fields of the form that `c` was sent, as `schema` reads them.
 * @throws {HttpProblem} 415 for another content type, 400 that names the field but not its value.
 */
export async function parseForm<T extends z.ZodType>(
  c: Context<RouteEnv>,
  schema: T,
  page: ProblemPage,
): Promise<z.infer<T>> {
  const type = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== CONTENT_TYPE) {
    throw new HttpProblem(415, {
      code: "unsupported_form",
      message: `Cannot read the form as its content type must be ${CONTENT_TYPE}`,
    }, page);
  }
  const result = schema.safeParse(Object.fromEntries(new URLSearchParams(await c.req.text())));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = String(issue.path[0] ?? "form");
  throw new HttpProblem(400, {
    code: "invalid_form",
    message: `Cannot read the form as ${field} ${issue.message}`,
    field,
  }, page);
}
