/** `/stocks`: what trades at an exchange: stocks, and the funds and indices of them. */
import { createClassRoute } from "./_class_page.tsx";

export default createClassRoute({
  section: "stocks",
  title: "Stocks",
  kinds: ["stock", "etf", "index"],
  examples: "AAPL,MSFT,SPY",
});
