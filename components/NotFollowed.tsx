/** An instrument that was taken off the watchlist: what is stored stays, and nothing new comes. */
export function NotFollowed() {
  return <span class="badge warn">not followed</span>;
}
