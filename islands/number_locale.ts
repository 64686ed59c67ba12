/** The locale in which a page tells numbers, on the server and in the browser. */

/** Where a browser asks for none that is known. */
export const DEFAULT_LOCALE = "en-US";

let rendering: string | undefined;

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
