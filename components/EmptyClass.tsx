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
          Add symbols such as <code>{examples}</code> to the setting <code>SYMBOLS</code> in{" "}
          <code>.env</code> and start again, or load them once with{" "}
          <code>deno task etl</code>. The kind of an instrument is what the provider says it is.
        </p>
        <p>
          <a class="button" href="/">See the whole market</a>
          <a class="button" href="/pipeline">See the pipeline</a>
        </p>
      </EmptyState>
    </>
  );
}
