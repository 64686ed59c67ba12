/** The locale in which a page tells numbers, on the server and in the browser. */

/** Where a browser asks for none that is known. */
export const DEFAULT_LOCALE = "en-US";

/** What a missing value looks like. */
export const MISSING = "–";

/** A few for each locale that readers have. */
const MOST_FORMATS = 500;

let rendering: string | undefined;
const formats = new Map<string, Intl.NumberFormat>();

/** Of the render that is going on; in the browser, what the server wrote into the document. */
export function numberLocale(): string {
  return rendering ?? globalThis.document?.documentElement.dataset.locale ?? DEFAULT_LOCALE;
}

/** Renders with numbers in `locale`. A render is synchronous, so that two never meet. */
export function renderInLocale<T>(locale: string, render: () => T): T {
  rendering = locale;
  try {
    return render();
  } finally {
    rendering = undefined;
  }
}

/** Of the locale at hand. A format costs more to make than to use, and a page uses a few a thousand times. */
export function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const locale = numberLocale();
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    if (formats.size >= MOST_FORMATS) formats.clear();
    formats.set(key, format = new Intl.NumberFormat(locale, options));
  }
  return format;
}

/** A number that may be below 0, as far as the decimals show it: `1,234.50`, `−0.5`, `0.0`. */
export function formatNumber(value: number, decimals: number): string {
  const digits = numberFormat({
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(Math.abs(value));
  return directionOf(value, decimals) === "down" ? `−${digits}` : digits;
}

/** The same with the sign of what is above 0 too: `+1.2`, `−0.4`, `0.0`. */
export function formatSigned(value: number, decimals: number): string {
  const text = formatNumber(value, decimals);
  return directionOf(value, decimals) === "up" ? `+${text}` : text;
}

/** Where a change leads, as far as the decimals show it: what reads as 0 is flat. */
export function directionOf(value: number, decimals: number): "up" | "down" | "flat" {
  const shown = Number(value.toFixed(decimals));
  return shown > 0 ? "up" : shown < 0 ? "down" : "flat";
}
