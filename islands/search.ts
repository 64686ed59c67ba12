/** The search of the API, as the browser asks it. */
import * as z from "zod/mini";

/** The id of the field in the head of the page, which a key leads to. */
export const SEARCH_ID = "search";

/** Suggestions at a time: what fits on a phone above its keyboard. */
const MOST = 8;

const Answer = z.object({
  instruments: z.array(z.object({
    slug: z.string(),
    symbol: z.string(),
    name: z.nullable(z.string()),
  })),
});

export type FoundInstrument = z.infer<typeof Answer>["instruments"][number];

/**
 * The instruments that `text` may mean, the likeliest first.
 * @throws {Error} when there is no answer, or none that can be read.
 */
export async function searchInstruments(
  text: string,
  signal: AbortSignal,
): Promise<FoundInstrument[]> {
  const query = new URLSearchParams({ search: text, limit: String(MOST) });
  const response = await fetch(`/api/v1/instruments?${query}`, { signal });
  if (!response.ok) throw new Error(`The search answered ${response.status}`);
  return Answer.parse(await response.json()).instruments;
}
