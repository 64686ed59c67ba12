import { formatAge, formatUtc } from "./format.ts";

interface AgeProps {
  at: Date;
  now: Date;
}

/** How long ago something was, with the absolute time behind it. */
export function Age({ at, now }: AgeProps) {
  return (
    <time dateTime={at.toISOString()} title={`${formatUtc(at)} UTC`}>
      {formatAge(at, now)} <span class="ago">ago</span>
    </time>
  );
}
