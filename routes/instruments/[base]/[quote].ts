/** `/instruments/BTC/USD`: a pair as its venue writes it, sent on to `/instruments/BTC-USD`. */
import { slugOfSymbol } from "../../../market/instrument.ts";
import { createRoute } from "../../_env.ts";

export const GET = createRoute((c) => {
  const { base = "", quote = "" } = c.req.param();
  return c.redirect(
    `/instruments/${slugOfSymbol(`${base}/${quote}`)}${new URL(c.req.url).search}`,
    301,
  );
});
