import type { ComponentChildren } from "preact";

interface NoneInWindowProps {
  /** The date of the last candle where it lies before the window; null else. */
  endedOn: string | null;
  /** What the candles are: `daily`. */
  interval: string;
  /** What there is to say while too few are stored. */
  children: ComponentChildren;
}

/** Why a section has nothing to show: its candles ended before the window, or are still to come. */
export function NoneInWindow({ endedOn, interval, children }: NoneInWindowProps) {
  if (endedOn === null) return <p class="chart-note">{children}</p>;
  return (
    <p class="chart-note">
      No {interval} candle in this window: the last is of{" "}
      <time dateTime={endedOn}>{endedOn}</time>. Choose a longer one.
    </p>
  );
}
