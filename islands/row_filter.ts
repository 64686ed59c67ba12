/** Which rows of a table a filter lets through: the same on the server and while one types. */

export interface RowFilter {
  /** Part of the symbol or the name, whatever its case; empty: any. */
  q: string;
  /** The kind of instrument; empty: any. */
  kind: string;
}

/** Whether the filter lets a row through. */
export function isMatch(
  row: { symbol: string; name: string | null; kind: string },
  { q, kind }: RowFilter,
): boolean {
  const wanted = q.trim().toLowerCase();
  return (kind === "" || row.kind === kind) &&
    `${row.symbol} ${row.name ?? ""}`.toLowerCase().includes(wanted);
}

/** Shows the matching rows of a section that the server rendered, and returns how many there are. */
export function filterRows(section: HTMLElement, filter: RowFilter): number {
  let shown = 0;
  for (const body of section.querySelectorAll("tbody")) {
    let shownHere = 0;
    for (const row of body.querySelectorAll<HTMLElement>("tr[data-kind]")) {
      const isShown = isMatch({
        symbol: row.querySelector(".symbol")?.textContent ?? "",
        name: row.querySelector(".name")?.textContent ?? "",
        kind: row.dataset.kind ?? "",
      }, filter);
      row.hidden = !isShown;
      shownHere += Number(isShown);
    }
    body.hidden = shownHere === 0;
    shown += shownHere;
  }
  const note = section.querySelector<HTMLElement>(".no-match");
  if (note) note.hidden = shown > 0;
  return shown;
}
