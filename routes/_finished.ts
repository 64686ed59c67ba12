/** A finished answer: one body, as it is and compressed, that can be sent any number of times. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { parseAccept } from "hono/utils/accept";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from "hono/utils/compress";

const compress = promisify(gzip);
const SVG = "image/svg+xml";

export interface FinishedAnswer {
  /** Of every answer with this body, whatever its encoding. */
  headers: [name: string, value: string][];
  /** Weak, as it stands for both encodings. */
  etag: string;
  body: Uint8Array<ArrayBuffer>;
  /** Null where compressing gains nothing. */
  gzip: Uint8Array<ArrayBuffer> | null;
}

/** @param maxAgeSeconds what a client may keep an answer for that is the same for everyone */
export async function finishAnswer(
  { headers }: Response,
  body: Uint8Array<ArrayBuffer>,
  maxAgeSeconds: number,
): Promise<FinishedAnswer> {
  const etag = `W/"${new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toBase64()}"`;
  const isPage = headers.get("Content-Type")?.startsWith("text/html") ?? false;
  const finished = new Headers(headers);
  finished.delete("Content-Length");
  finished.set("ETag", etag);
  // A page that was kept by the browser would come back as it was before a preference was changed.
  finished.set("Vary", isPage ? "Cookie, Accept-Language, Accept-Encoding" : "Accept-Encoding");
  if (!finished.has("Cache-Control")) {
    finished.set(
      "Cache-Control",
      isPage ? "private, no-cache" : `public, max-age=${maxAgeSeconds}`,
    );
  }
  const compressed = isCompressible(headers) ? new Uint8Array(await compress(body)) : null;
  return {
    headers: [...finished],
    etag,
    body,
    gzip: compressed !== null && compressed.length < body.length ? compressed : null,
  };
}

/** The answer to a `GET` or `HEAD` as the client can take it: compressed, or 304 when it has it. */
export function sendAnswer(
  { headers, etag, body, gzip }: FinishedAnswer,
  request: Request,
  ageSeconds: number,
): Response {
  const sent = [...headers];
  if (ageSeconds > 0) sent.push(["Age", String(ageSeconds)]);
  const known = request.headers.get("If-None-Match");
  if (known !== null && matches(known, etag)) {
    return new Response(null, { status: 304, headers: sent });
  }
  const isCompressed = gzip !== null && acceptsGzip(request);
  if (isCompressed) sent.push(["Content-Encoding", "gzip"]);
  const content = isCompressed ? gzip : body;
  if (request.method !== "HEAD") return new Response(content, { headers: sent });
  sent.push(["Content-Length", String(content.length)]);
  return new Response(null, { headers: sent });
}

/** Whether the body is text that nobody compressed yet. */
export function isCompressible(headers: Headers): boolean {
  const type = headers.get("Content-Type") ?? "";
  return !headers.has("Content-Encoding") &&
    (COMPRESSIBLE_CONTENT_TYPE_REGEX.test(type) || type.startsWith(SVG));
}

export function acceptsGzip({ headers }: Request): boolean {
  const accepted = headers.get("Accept-Encoding");
  if (accepted === null) return false;
  return parseAccept(accepted).some(({ type, q }) => q > 0 && type.toLowerCase() === "gzip");
}

/** RFC 9110, 13.1.2: a weak comparison. */
function matches(known: string, etag: string): boolean {
  return known.split(",").map((tag) => tag.trim()).some((tag) =>
    tag === "*" || tag === etag || `W/${tag}` === etag
  );
}
