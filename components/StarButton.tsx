/** The one form of all star buttons of a page, which a browser without scripts sends. */
const STAR_FORM = "stars";

interface StarButtonProps {
  symbol: string;
  slug: string;
  isStarred: boolean;
}

/** Puts an instrument on the watchlist, or takes it off. */
export function StarButton({ symbol, slug, isStarred }: StarButtonProps) {
  return (
    <button
      type="submit"
      form={STAR_FORM}
      class="star"
      name={isStarred ? "unstar" : "star"}
      value={slug}
      aria-pressed={isStarred}
      aria-label={`Star ${symbol}`}
    />
  );
}

/** Where {@linkcode StarButton} belongs; `address` is the page to come back to. */
export function StarForm({ address }: { address: string }) {
  return (
    <form id={STAR_FORM} method="post" action="/preferences" hidden>
      <input type="hidden" name="back" value={address} />
    </form>
  );
}
