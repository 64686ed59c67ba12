/** Spans of real time over which a change is told. */
import { z } from "zod";

/** Every span of `market.movers()`: year to date is since the last price of the year before. */
export const Span = z.enum(["1h", "24h", "7d", "30d", "ytd", "1y"]);
export type Span = z.infer<typeof Span>;
