/** The locale in which the page tells numbers, as the server wrote it into the document. */
export function pageLocale(): string {
  return document.documentElement.dataset.locale ?? "en-US";
}
