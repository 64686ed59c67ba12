interface RejectFilterProps {
  /** The instruments that have rejects. */
  instruments: { slug: string; symbol: string }[];
  /** The slug of the one whose rejects are shown; all when absent. */
  chosen?: string;
}

/** Chooses whose rejects are shown. */
export function RejectFilter({ instruments, chosen }: RejectFilterProps) {
  return (
    <form class="filter" method="get" action="/pipeline/rejects">
      <label for="instrument">Instrument</label>
      <select id="instrument" name="instrument">
        <option value="">All</option>
        {instruments.map(({ slug, symbol }) => (
          <option key={slug} value={slug} selected={slug === chosen}>{symbol}</option>
        ))}
      </select>
      <button class="button" type="submit">Show</button>
    </form>
  );
}
