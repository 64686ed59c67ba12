/** `POST /pipeline/rejects/[id]/accept`: makes a reject the candle of its time, with the admin token. */
import { z } from "zod";
import { acceptReject } from "../../../../db/rejects.ts";
import { createRoute } from "../../../_env.ts";
import { limitForm, parseForm } from "../../../_form.ts";
import { HttpProblem, type ProblemPage } from "../../../_problem.ts";
import { queryInteger } from "../../../_query.ts";
import { rejectsPath, RejectsView } from "../../../_rejects.ts";

const PAGE: ProblemPage = {
  heading: "Not accepted",
  section: "pipeline",
  back: { href: rejectsPath({}), label: "See the rejects" },
};
const Id = queryInteger(1, 999_999_999);
const Form = RejectsView.extend({
  token: z.string("must be given").min(1, "must be given").max(1000, "is too long"),
});

/** Who reloads the page of a refusal, or types its address. */
export const GET = createRoute((c) => c.redirect(rejectsPath({}), 303));

export const POST = createRoute(limitForm(PAGE), async (c) => {
  const { token, ...view } = await parseForm(c, Form, PAGE);
  const id = Id.safeParse(c.req.param("id"));
  // Who mistyped the token is not to look for the row again.
  const back = { href: rejectsPath(view, { at: id.data }), label: "Back to the reject" };
  const page = { ...PAGE, back };
  if (!await c.env.isAdmin(token)) {
    throw new HttpProblem(403, {
      code: "wrong_token",
      message:
        "Cannot accept the reject as this is not the admin token: it was printed once, at the " +
        "first start, and the setting ADMIN_TOKEN replaces it",
      field: "token",
    }, page);
  }
  const acceptance = id.success
    ? await acceptReject(c.env.sql, c.env.source, id.data, c.env.now())
    : { outcome: "unknown" } as const;
  if (acceptance.outcome === "refused") {
    throw new HttpProblem(422, {
      code: "not_a_candle",
      message: `Cannot accept reject #${id.data} as it cannot be a candle: ${acceptance.why}`,
    }, page);
  }
  if (acceptance.outcome === "unknown") {
    throw new HttpProblem(404, {
      code: "unknown_reject",
      message: `Cannot accept reject #${c.req.param("id")} as there is none of that number`,
    }, PAGE);
  }
  return c.redirect(rejectsPath(view, { accepted: id.data }), 303);
});
