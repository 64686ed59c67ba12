/** The address of the page of rejects: what it may be asked for, and how it is written. */
import { z } from "zod";
import { queryInteger } from "./_query.ts";

/** The part of the rejects that a page shows. */
export const RejectsView = z.object({
  /** Slug of the instrument; all when absent, or empty as the form's "All" is. */
  instrument: z.string().regex(/^[\w.-]{0,160}$/, "must be the slug of an instrument")
    .transform((slug) => slug || undefined).optional(),
  /** Only rejects with a smaller number. */
  before: queryInteger(1, 999_999_999).optional(),
});
export type RejectsView = z.infer<typeof RejectsView>;

/**
 * The address of a part of the rejects, at the one of number `at`; `accepted` says that it was accepted
 * just now.
 */
export function rejectsPath(
  view: RejectsView,
  { at, accepted }: { at?: number; accepted?: number } = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...view, accepted })) {
    if (value !== undefined) query.set(name, String(value));
  }
  const shown = accepted ?? at;
  const hash = shown === undefined ? "" : `#reject-${shown}`;
  return `/pipeline/rejects${query.size > 0 ? `?${query}` : ""}${hash}`;
}
