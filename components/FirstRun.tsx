import { formatAge, formatUtc } from "./format.ts";

/** When runs start by themselves. */
export interface FirstRunSchedule {
  startsWithSite: boolean;
  next(count: number): Date[];
}

/** When the first candles come, as a sentence. */
export function FirstRun({ schedule, now }: { schedule: FirstRunSchedule | null; now: Date }) {
  if (schedule?.startsWithSite) {
    return <>The first run starts with the site: reload this page in a moment.</>;
  }
  const [next] = schedule?.next(1) ?? [];
  return next === undefined ? <>Nothing starts a run by itself here.</> : (
    <>
      The next run is at {formatUtc(next)} UTC, in {formatAge(now, next)}.
    </>
  );
}
