import type { ComponentChildren } from "preact";

interface TableBehindProps {
  /** What opens it: `Distribution as a table`. */
  summary: string;
  /** What it holds, for those who move through it by keyboard. */
  label: string;
  /** The first heads the rows, the others numbers. */
  columns: string[];
  /** Rows. */
  children: ComponentChildren;
}

/** The table with the numbers of the chart above it. */
export function TableBehind({ summary, label, columns, children }: TableBehindProps) {
  return (
    <details class="more">
      <summary>{summary}</summary>
      <div class="table-scroll short" tabIndex={0} role="group" aria-label={label}>
        <table>
          <thead>
            <tr>
              {columns.map((column, at) => (
                <th key={column} scope="col" class={at > 0 ? "number" : undefined}>{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </details>
  );
}
