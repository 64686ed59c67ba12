import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type ChartView, type Scale, writeView, type Zone } from "../chart_view.ts";
import { OVERLAY_NAMES, OVERLAYS, PANE_NAMES, PANES } from "./lines.ts";
import type { RangeName } from "./ranges.ts";
import { hasVwap, type Setup } from "./setup.ts";
import { placeOf } from "./wall_clock.ts";

export interface OfferedInterval {
  interval: string;
  name: string;
}

interface ChartToolsProps {
  setup: Setup;
  view: ChartView;
  /** The query of the page, whose other parameters an interval keeps. */
  search: string;
  intervals: OfferedInterval[];
  ranges: RangeName[];
  /** Then the scale is per cent, whatever was chosen. */
  isComparing: boolean;
  onChoose: (part: Partial<ChartView>) => void;
  onZoom: (factor: number) => void;
  onSave: () => void;
}

const RANGES: Record<RangeName, { label: string; title: string }> = {
  "1d": { label: "1D", title: "The last day" },
  "5d": { label: "5D", title: "The last 5 days" },
  "1m": { label: "1M", title: "The last month" },
  "3m": { label: "3M", title: "The last 3 months" },
  "6m": { label: "6M", title: "The last 6 months" },
  "ytd": { label: "YTD", title: "This year" },
  "1y": { label: "1Y", title: "The last year" },
  "5y": { label: "5Y", title: "The last 5 years" },
  "all": { label: "All", title: "Everything that is stored" },
};

const SCALES: Record<Scale, { label: string; title: string }> = {
  linear: { label: "Lin", title: "Linear scale" },
  log: { label: "Log", title: "Logarithmic scale" },
  percent: { label: "%", title: "Per cent since the first candle in sight" },
};

const ZOOM_STEP = 1.5;

/** What the chart can be asked for. Intervals are links, which go without a script. */
export function ChartTools(props: ChartToolsProps) {
  const { setup, view, search, intervals, ranges, isComparing, onChoose, onZoom, onSave } = props;
  const { exchangeZone } = setup;
  const scale = isComparing ? "percent" : view.scale;
  return (
    <div class="chart-tools">
      <nav class="segments" aria-label="Interval">
        {intervals.map(({ interval, name }) => (
          <a
            key={interval}
            href={writeView(view, withInterval(search, interval))}
            aria-current={interval === setup.interval ? "true" : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      <div class="segments live" role="group" aria-label="Range">
        {ranges.map((range) => (
          <Segment
            key={range}
            {...RANGES[range]}
            isPressed={range === view.range}
            onPress={() => onChoose({ range })}
          />
        ))}
      </div>
      <IndicatorMenu setup={setup} view={view} onChoose={onChoose} />
      <div class="segments live" role="group" aria-label="Price scale">
        {Object.entries(SCALES).map(([name, { label, title }]) => (
          <Segment
            key={name}
            label={label}
            title={title}
            isPressed={name === scale}
            isOff={isComparing && name !== "percent"}
            onPress={() => onChoose({ scale: name as Scale })}
          />
        ))}
      </div>
      <label class="tool live">
        <span class="visually-hidden">Compare with</span>
        <select
          value={view.compare ?? ""}
          onChange={(event) => onChoose({ compare: event.currentTarget.value || null })}
        >
          <option value="">Compare…</option>
          {setup.others.map(({ slug, symbol }) => (
            <option key={slug} value={slug} selected={slug === view.compare}>{symbol}</option>
          ))}
        </select>
      </label>
      {setup.hasTime && (
        <label class="tool live">
          <span class="visually-hidden">Time of</span>
          <select
            value={view.zone}
            onChange={(event) => onChoose({ zone: event.currentTarget.value as Zone })}
          >
            <option value="exchange" selected={view.zone === "exchange"}>
              {exchangeZone === null ? "UTC" : placeOf(exchangeZone)}
            </option>
            <option value="local" selected={view.zone === "local"}>Your time</option>
            {exchangeZone !== null && (
              <option value="utc" selected={view.zone === "utc"}>UTC</option>
            )}
          </select>
        </label>
      )}
      <div class="segments live" role="group" aria-label="Chart">
        <Segment label="−" spoken="Zoom out" onPress={() => onZoom(1 / ZOOM_STEP)} />
        <Segment label="+" spoken="Zoom in" onPress={() => onZoom(ZOOM_STEP)} />
        <Segment label="PNG" title="Save the chart as a picture" onPress={onSave} />
      </div>
    </div>
  );
}

/** The interval comes first, then what is another's. */
function withInterval(search: string, interval: string): string {
  const others = [...new URLSearchParams(search)].filter(([name]) => name !== "interval");
  return `?${new URLSearchParams([["interval", interval], ...others])}`;
}

interface SegmentProps {
  label: string;
  title?: string;
  /** Instead of a label that is a sign. */
  spoken?: string;
  /** Undefined: it does something and is not a switch. */
  isPressed?: boolean;
  isOff?: boolean;
  onPress: () => void;
}

function Segment({ label, title, spoken, isPressed, isOff = false, onPress }: SegmentProps) {
  return (
    <button
      type="button"
      title={title ?? spoken}
      aria-label={spoken}
      aria-pressed={isPressed}
      disabled={isOff}
      onClick={onPress}
    >
      {label}
    </button>
  );
}

function IndicatorMenu({ setup, view, onChoose }: Pick<
  ChartToolsProps,
  "setup" | "view" | "onChoose"
>) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: PointerEvent) => {
      if (menu.current && !menu.current.contains(event.target as Node)) menu.current.open = false;
    };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, []);
  // Open behind the focus, it would hide what has it.
  const closeByFocus = ({ relatedTarget }: FocusEvent) => {
    if (!menu.current || relatedTarget === null) return;
    if (!menu.current.contains(relatedTarget as Node)) menu.current.open = false;
  };
  const closeByKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !menu.current?.open) return;
    menu.current.open = false;
    menu.current.querySelector("summary")?.focus();
  };
  const toggled = <Name,>(names: Name[], name: Name) =>
    names.includes(name) ? names.filter((each) => each !== name) : [...names, name];
  const overlays = OVERLAY_NAMES.filter((name) => name !== "vwap" || hasVwap(setup));
  const count = view.overlays.filter((name) => overlays.includes(name)).length + view.panes.length;
  return (
    <details class="chart-menu live" ref={menu} onKeyDown={closeByKey} onFocusOut={closeByFocus}>
      <summary>
        Indicators{count > 0 && <span class="badge count">{count}</span>}
      </summary>
      <div class="chart-menu-body">
        <Choices label="Over the candles">
          {overlays.map((name) => (
            <Choice
              key={name}
              name={OVERLAYS[name].name}
              isPressed={view.overlays.includes(name)}
              onPress={() =>
                onChoose({
                  overlays: OVERLAY_NAMES.filter((each) =>
                    toggled(view.overlays, name).includes(each)
                  ),
                })}
            />
          ))}
        </Choices>
        {!hasVwap(setup) && (
          <p class="muted">
            VWAP needs{" "}
            {setup.hasVolume ? "candles shorter than a day" : "volume, which is not reported"}
            .
          </p>
        )}
        <Choices label="Below them">
          {PANE_NAMES.map((name) => (
            <Choice
              key={name}
              name={PANES[name].name}
              isPressed={view.panes.includes(name)}
              onPress={() =>
                onChoose({
                  panes: PANE_NAMES.filter((each) => toggled(view.panes, name).includes(each)),
                })}
            />
          ))}
        </Choices>
      </div>
    </details>
  );
}

function Choices({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div role="group" aria-label={label}>
      <p class="muted">{label}</p>
      <div class="choices">{children}</div>
    </div>
  );
}

function Choice({ name, isPressed, onPress }: {
  name: string;
  isPressed: boolean;
  onPress: () => void;
}) {
  return (
    <button type="button" class="choice" aria-pressed={isPressed} onClick={onPress}>{name}</button>
  );
}
