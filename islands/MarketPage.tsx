import { useEffect, useState } from "preact/hooks";
import { followLinks } from "./page_parts.ts";
import { keepWatchlist } from "./watchlist.ts";

/** What makes a page of the market alive as a whole: links that change a part of it, and stars. */
export default function MarketPage() {
  const [message, announce] = useState("");
  useEffect(() => {
    const ends = [followLinks(), keepWatchlist(announce)];
    return () => ends.forEach((end) => end());
  }, []);
  return <p class="visually-hidden" role="status">{message}</p>;
}
