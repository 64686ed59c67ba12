import { EmptyState } from "./EmptyState.tsx";

interface EmptyClassProps {
  title: string;
  /** Symbols that such a class has. */
  examples: string;
}

/** A class of which nothing is loaded: how to begin. */
export function EmptyClass({ title, examples }: EmptyClassProps) {
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
      </div>
      <EmptyState title="No instrument of this class is loaded">
        <p>
          <code>deno task etl add {examples.split(",")[0]}</code>{" "}
          finds one and loads it from then on. On a first start the setting <code>SYMBOLS</code> in
          {" "}
          <code>.env</code> says what to begin with, such as <code>{examples}</code>, and{" "}
          <code>deno task etl</code> loads it. The kind of an instrument is what the provider says.
        </p>
        <p>
          <a class="button" href="/">See the whole market</a>
          <a class="button" href="/pipeline">See the pipeline</a>
        </p>
      </EmptyState>
    </>
  );
}
