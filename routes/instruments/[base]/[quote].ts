/** `/instruments/BTC/USD`: a pair as its venue writes it, sent on to `/instruments/BTC-USD`. */
import { slugOfSymbol } from "../../../market/instrument.ts";
import { createRoute } from "../../_env.ts";

export const GET = createRoute((c) => {
  const slug = slugOfSymbol(`${c.req.param("base")}/${c.req.param("quote")}`);
  return c.redirect(`/instruments/${slug}${new URL(c.req.url).search}`, 301);
});
