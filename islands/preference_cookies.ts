/** The cookies of what a person chose, which the server and the page's own script write alike. */

/** As long as a browser keeps a cookie. */
export const COOKIE_SECONDS = 400 * 24 * 60 * 60;
/** Instruments on a watchlist. */
export const MOST_STARS = 100;
/** Between slugs: none holds such a character, and a cookie may. */
export const SEPARATOR = "|";
