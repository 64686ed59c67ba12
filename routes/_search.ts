/** The text of a search, as the page, the API and the comparison take it. */
import { z } from "zod";

const MOST_CHARACTERS = 100;
const RULE = `must be 1 to ${MOST_CHARACTERS} characters of text`;

/** What someone typed to find an instrument; a control character is none that PostgreSQL keeps. */
export const SearchText = z.string().trim().regex(
  new RegExp(`^\\P{Cc}{1,${MOST_CHARACTERS}}$`, "u"),
  RULE,
);

/** The same in the field of a form, which is sent empty too. */
export const SearchField = z.union([z.string().trim().max(0), SearchText], { error: RULE });
