/** `/forex`: currencies, and the commodities that are quoted and traded as they are. */
import { createClassRoute } from "./_class_page.tsx";

export default createClassRoute({
  section: "forex",
  title: "Forex",
  kinds: ["forex", "commodity"],
  examples: "EUR/USD,USD/JPY,XAU/USD",
});
