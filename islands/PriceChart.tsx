import { useEffect, useRef, useState } from "preact/hooks";
import * as z from "zod/mini";
import { type ChartView, parseView, writeView } from "./chart_view.ts";
import { ChartTools, type OfferedInterval } from "./price_chart/ChartTools.tsx";
import { columnsOfPage } from "./price_chart/columns.ts";
import type { PriceChartHandle } from "./price_chart/draw.ts";
import type { LoadState } from "./price_chart/history.ts";
import { handleKey } from "./price_chart/keys.ts";
import { ChartLegend } from "./price_chart/ChartLegend.tsx";
import { savePicture } from "./price_chart/picture.ts";
import { RANGE_NAMES } from "./price_chart/ranges.ts";
import { describeReading, readCandle, type Reading } from "./price_chart/reading.ts";
import { readingOptions, Setup, shownIn } from "./price_chart/setup.ts";

const Props = z.object({
  /** What the chart is of, for those who do not see it. */
  label: z.string(),
  setup: Setup,
  /** What the address asks for, as a query string: `?scale=log`. */
  search: z.string(),
  /** Every interval that is stored, with its name. */
  intervals: z.array(z.object({ interval: z.string(), name: z.string() })),
  /** The ranges that the stored history has something to show for. */
  ranges: z.array(z.enum(RANGE_NAMES)),
});

export type PriceChartProps = z.infer<typeof Props>;

/** A moment after the last key the candle is read out: not each one that is passed. */
const READ_OUT_MS = 350;

/** Candlesticks with everything that one looks at them through; the address says what is shown. */
export default function PriceChart(raw: PriceChartProps) {
  // The props of an island never change: a new page is a new document.
  const [{ label, setup, search, intervals, ranges }] = useState(() => Props.parse(raw));
  const [view, setView] = useState(() => parseView(search));
  const [reading, setReading] = useState<Reading>(() =>
    readCandle(
      columnsOfPage(setup.first, view.compare),
      setup.first.times.length - 1,
      // The server does not know what "your time" is: until the browser says it, it is UTC.
      readingOptions(setup, view.zone === "local" ? { ...view, zone: "utc" } : view),
    )
  );
  const [load, setLoad] = useState<LoadState>("idle");
  const [isStart, setStart] = useState(false);
  const [drawing, setDrawing] = useState<"coming" | "there" | "failed">("coming");
  const [spoken, setSpoken] = useState("");
  const parent = useRef<HTMLDivElement>(null);
  const chart = useRef<PriceChartHandle | null>(null);
  /** The view as listeners see it, which outlive a render. */
  const current = useRef(view);
  const lastReading = useRef(reading);

  /** A range that came along from another interval may have nothing to show here, or far too much. */
  const drawable = (wanted: ChartView): ChartView =>
    ranges.some((range) => range === wanted.range) ? wanted : { ...wanted, range: null };

  const change = (next: ChartView, isRangeChosen = false) => {
    current.current = next;
    setView(next);
    keepInLinks(next);
    chart.current?.show(drawable(next), isRangeChosen);
  };
  const choose = (part: Partial<ChartView>) => {
    const next = { ...current.current, ...part };
    change(next, "range" in part);
    const written = writeView(next, location.search);
    if (written !== location.search) history.pushState(null, "", written || location.pathname);
  };

  useEffect(() => {
    let isGone = false;
    const goBack = () => {
      const next = parseView(location.search);
      change(next, next.range !== current.current.range);
    };
    addEventListener("popstate", goBack);
    // Who went back before anybody listened has the address of one view and the sight of another.
    if (location.search !== search) goBack();
    import("./price_chart/draw.ts").then(({ drawPriceChart }) => {
      if (isGone || parent.current === null) return;
      // The candles at hand came with the view of the server, which may have been left since.
      chart.current = drawPriceChart(parent.current, setup, drawable(view), {
        onCandle(columns, index) {
          const options = readingOptions(setup, current.current);
          setReading(lastReading.current = readCandle(columns, index, options));
        },
        onLoad: setLoad,
        onStart: setStart,
      });
      const now = current.current;
      if (now !== view) chart.current.show(drawable(now), now.range !== view.range);
      setDrawing("there");
    }).catch((error) => {
      console.error(error);
      setDrawing("failed");
    });
    return () => {
      isGone = true;
      removeEventListener("popstate", goBack);
      chart.current?.remove();
    };
  }, []);

  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const onKeyDown = (event: KeyboardEvent) => {
    if (chart.current === null || !handleKey(event, chart.current)) return;
    event.preventDefault();
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => setSpoken(describeReading(lastReading.current)),
      READ_OUT_MS,
    );
  };

  const shown = shownIn(setup, view);
  return (
    <>
      <ChartTools
        setup={setup}
        view={view}
        search={search}
        intervals={intervals satisfies OfferedInterval[]}
        ranges={ranges}
        isComparing={shown.compare !== null}
        onChoose={choose}
        onZoom={(factor) => chart.current?.zoom(factor)}
        onSave={() => chart.current && savePicture(chart.current.picture(), setup, reading)}
      />
      <ChartLegend reading={reading} />
      <div class="price-chart-frame">
        <div
          ref={parent}
          class="price-chart"
          style={{ "--panes": shown.panes.length }}
          role="application"
          aria-roledescription="chart"
          aria-label={label}
          aria-describedby="price-chart-keys"
          tabIndex={0}
          onKeyDown={onKeyDown}
          onBlur={() => chart.current?.leave()}
        />
        <ChartState
          drawing={drawing}
          load={load}
          isStart={isStart}
          onRetry={() => {
            // The button that has the focus goes.
            parent.current?.focus({ preventScroll: true });
            chart.current?.retry();
          }}
        />
      </div>
      <p id="price-chart-keys" class="visually-hidden">
        Arrow keys move from candle to candle, Home and End to the oldest and the newest, plus and
        minus zoom, Escape leaves.
      </p>
      <p class="visually-hidden" role="status">{spoken}</p>
    </>
  );
}

/** Links of the page that the chart is not in lead on with what it shows. */
function keepInLinks(view: ChartView): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-keeps-chart]")) {
    link.search = writeView(view, link.search);
  }
}

interface ChartStateProps {
  drawing: "coming" | "there" | "failed";
  load: LoadState;
  isStart: boolean;
  onRetry: () => void;
}

/** What the chart is waiting for, over its corner. */
function ChartState({ drawing, load, isStart, onRetry }: ChartStateProps) {
  if (drawing === "failed") {
    return (
      <p class="chart-state" role="alert">
        The chart did not load. <a href="">Load the page again</a>
      </p>
    );
  }
  if (load === "failed") {
    return (
      <p class="chart-state" role="alert">
        Candles did not arrive.{" "}
        <button type="button" class="button" onClick={onRetry}>Retry</button>
      </p>
    );
  }
  const text = drawing === "coming"
    ? "Loading the chart…"
    : load === "loading"
    ? "Loading candles…"
    : isStart
    ? "Nothing older is stored"
    : "";
  // It is there before its text is, as only a change of it is read out.
  return <p class={text === "" ? "visually-hidden" : "chart-state quiet"} role="status">{text}</p>;
}
