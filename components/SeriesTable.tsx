interface SeriesTableProps {
  /** What the summary and the scrolled part are called. */
  label: string;
  /** Ascending, `YYYY-MM-DD`. */
  dates: string[];
  /** As text, one a date. */
  columns: { name: string; values: string[] }[];
}

/** The numbers behind a chart of lines, newest first. */
export function SeriesTable({ label, dates, columns }: SeriesTableProps) {
  return (
    <details class="more">
      <summary>{label} as a table</summary>
      <div class="table-scroll short" tabIndex={0} role="group" aria-label={label}>
        <table>
          <thead>
            <tr>
              <th scope="col">Date</th>
              {columns.map(({ name }) => <th key={name} scope="col" class="number">{name}</th>)}
            </tr>
          </thead>
          <tbody>
            {dates.map((date, at) => (
              <tr key={date}>
                <th scope="row">{date}</th>
                {columns.map(({ name, values }) => <td key={name} class="number">{values[at]}</td>)}
              </tr>
            )).reverse()}
          </tbody>
        </table>
      </div>
    </details>
  );
}
