/** The indicators that the price chart knows: what each is called, drawn from and drawn in. */

/** A column of the database's `market.indicators()`. */
export type Column =
  | "sma_20"
  | "sma_50"
  | "sma_200"
  | "ema_12"
  | "ema_20"
  | "ema_26"
  | "bollinger_middle"
  | "bollinger_upper"
  | "bollinger_lower"
  | "vwap"
  | "rsi_14"
  | "macd"
  | "macd_signal"
  | "macd_histogram"
  | "atr_14"
  | "stochastic_k"
  | "stochastic_d";

/** The colours that lines are drawn in, as the style sheet names them. */
export const LINE_COLORS = [
  "--series-1",
  "--series-2",
  "--series-3",
  "--series-4",
  "--series-5",
  "--series-6",
  "--series-7",
  "--series-8",
  "--text",
  "--up-mark",
  "--down-mark",
] as const;

export type LineColor = typeof LINE_COLORS[number];

export interface Line {
  column: Column;
  /** In the legend. */
  name: string;
  color: LineColor;
  /** Drawn as bars from zero behind the lines, in the colours of rise and fall. */
  isHistogram?: true;
  /** Lets another line shine through that may lie below it. */
  isDashed?: true;
}

export interface Indicator {
  name: string;
  lines: readonly Line[];
  /** The horizontal lines that one reads it by. */
  levels?: readonly number[];
  /** How many digits more or less than the price it is told with; `null` stands for two digits. */
  extraDecimals: number | null;
  /** Needs what not every candle has. */
  needs?: "volume within a day";
}

function overlay(name: string, column: Column, color: LineColor): Indicator {
  return { name, lines: [{ column, name, color }], extraDecimals: 0 };
}

/** Drawn over the candles, at their scale. */
export const OVERLAYS = {
  sma20: overlay("SMA 20", "sma_20", "--series-1"),
  sma50: overlay("SMA 50", "sma_50", "--series-2"),
  sma200: overlay("SMA 200", "sma_200", "--series-3"),
  ema12: overlay("EMA 12", "ema_12", "--series-4"),
  ema20: overlay("EMA 20", "ema_20", "--series-5"),
  ema26: overlay("EMA 26", "ema_26", "--series-6"),
  bollinger: {
    name: "Bollinger 20, 2",
    lines: [
      { column: "bollinger_upper", name: "Bollinger upper", color: "--series-7" },
      { column: "bollinger_middle", name: "middle", color: "--series-7", isDashed: true },
      { column: "bollinger_lower", name: "lower", color: "--series-7" },
    ],
    extraDecimals: 0,
  },
  vwap: { ...overlay("VWAP", "vwap", "--series-8"), needs: "volume within a day" },
} as const satisfies Record<string, Indicator>;

/** Drawn below the candles, each in a pane and at a scale of its own. */
export const PANES = {
  rsi: {
    name: "RSI 14",
    lines: [{ column: "rsi_14", name: "RSI 14", color: "--series-1" }],
    levels: [30, 70],
    extraDecimals: null,
  },
  macd: {
    name: "MACD 12, 26, 9",
    lines: [
      { column: "macd", name: "MACD", color: "--series-1" },
      { column: "macd_signal", name: "signal", color: "--series-2" },
      { column: "macd_histogram", name: "histogram", color: "--up-mark", isHistogram: true },
    ],
    levels: [0],
    extraDecimals: 1,
  },
  atr: {
    name: "ATR 14",
    lines: [{ column: "atr_14", name: "ATR 14", color: "--series-1" }],
    extraDecimals: 0,
  },
  stochastic: {
    name: "Stochastic 14, 3, 3",
    lines: [
      { column: "stochastic_k", name: "%K", color: "--series-1" },
      { column: "stochastic_d", name: "%D", color: "--series-2" },
    ],
    levels: [20, 80],
    extraDecimals: null,
  },
} as const satisfies Record<string, Indicator>;

export type OverlayName = keyof typeof OVERLAYS;
export type PaneName = keyof typeof PANES;

export const OVERLAY_NAMES = Object.keys(OVERLAYS) as OverlayName[];
export const PANE_NAMES = Object.keys(PANES) as PaneName[];

/** Names a chart cannot show are left out: an indicator may need what the candles lack. */
export function shownIndicators(
  view: { overlays: readonly OverlayName[]; panes: readonly PaneName[] },
  hasVwap: boolean,
): { overlays: Indicator[]; panes: Indicator[] } {
  const overlays = view.overlays.map((name): Indicator => OVERLAYS[name]);
  return {
    overlays: overlays.filter(({ needs }) => needs === undefined || hasVwap),
    panes: view.panes.map((name) => PANES[name]),
  };
}

/** The columns that the indicators are drawn from. */
export function columnsOf(
  { overlays, panes }: { overlays: Indicator[]; panes: Indicator[] },
): Column[] {
  return [...overlays, ...panes].flatMap(({ lines }) => lines.map(({ column }) => column));
}

/** The fraction digits that an indicator's values are told with. */
export function decimalsOf(extraDecimals: number | null, priceDecimals: number): number {
  return extraDecimals === null ? 2 : priceDecimals + extraDecimals;
}
