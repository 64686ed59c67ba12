/** `/crypto`: coins, which trade round the clock. */
import { createClassRoute } from "./_class_page.tsx";

export default createClassRoute({
  section: "crypto",
  title: "Crypto",
  kinds: ["crypto"],
  examples: "BTC/USD,ETH/USD",
});
