/** Where the browser finds what Vite built: hashed names in production, sources in development. */

interface ManifestEntry {
  file: string;
  imports?: string[];
}

const manifest = Object.values(
  import.meta.glob<Record<string, ManifestEntry>>("/dist/client/.vite/manifest.json", {
    eager: true,
    import: "default",
  }),
)[0];

/** The address of a client entry such as `client.ts` or `static/site.css`. */
export function assetUrl(source: string): string {
  if (!import.meta.env.PROD) return `/${source}`;
  const entry = manifest?.[source];
  if (entry === undefined) {
    throw new Error(
      `Cannot link ${source} as the client build does not hold it: run deno task build`,
    );
  }
  return `/${entry.file}`;
}
