/** Which locale a page tells numbers in. The words are English; the digits are the reader's. */
import { DEFAULT_LOCALE } from "../islands/number_locale.ts";

/** No browser sends so many; others are not to make us parse for long. */
const MOST_LOCALES = 10;

/** Most readers send one of a few headers, and a locale costs more to find out than a page to send. */
const MOST_HEADERS = 500;

const chosen = new Map<string, string>();

/** The first known locale of an `Accept-Language` header, by its weights; always with Latin digits. */
export function chooseLocale(acceptLanguage: string | null | undefined): string {
  const header = acceptLanguage ?? "";
  let locale = chosen.get(header);
  if (locale === undefined) {
    if (chosen.size >= MOST_HEADERS) chosen.clear();
    chosen.set(header, locale = chooseAnew(header));
  }
  return locale;
}

function chooseAnew(header: string): string {
  const wanted = header.split(",").slice(0, MOST_LOCALES)
    .map((part) => {
      const [tag = "", weight = "q=1"] = part.split(";").map((each) => each.trim());
      return { tag, weight: Number(weight.replace(/^q=/, "")) };
    })
    .filter(({ tag, weight }) => /^[A-Za-z]{2,3}(-[A-Za-z\d]{1,8})*$/.test(tag) && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
  const [known = DEFAULT_LOCALE] = wanted.flatMap(supported);
  const { numberingSystem } = new Intl.NumberFormat(known).resolvedOptions();
  return numberingSystem === "latn" ? known : `${known.replace(/-u-.*$/, "")}-u-nu-latn`;
}

/** The tag as the runtime spells it, or nothing; a tag that is none is text like any other. */
function supported(tag: string): string[] {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag);
  } catch {
    return [];
  }
}
