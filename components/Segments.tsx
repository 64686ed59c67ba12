import { type MarketView, viewHref } from "./market_view.ts";

interface SegmentsProps {
  /** What is chosen: "Span", "Window". */
  label: string;
  view: MarketView;
  /** The field of the query. */
  name: string;
  options: readonly { value: string; label: string }[];
  current: string;
  /** The value that the address does without. */
  usual: string;
}

/** Links between the views of one page, the one at hand marked. */
export function Segments({ label, view, name, options, current, usual }: SegmentsProps) {
  return (
    <nav id={name} class="segments" aria-label={label} data-follows>
      {options.map(({ value, label }) => (
        <a
          key={value}
          data-live="live"
          href={viewHref(view, { [name]: value === usual ? undefined : value })}
          aria-current={value === current ? "true" : undefined}
        >
          {label}
        </a>
      ))}
    </nav>
  );
}
