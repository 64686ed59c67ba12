/** A finished answer: one body, as it is and compressed, that can be sent any number of times. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { parseAccept } from "hono/utils/accept";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from "hono/utils/compress";

const compress = promisify(gzip);
const SVG = "image/svg+xml";

/** One way to send an answer. */
interface Encoded {
  body: Uint8Array<ArrayBuffer>;
  /** Made once: making them costs more than all the rest of an answer that is kept. */
  headers: Headers;
}

export interface FinishedAnswer {
  /** Weak, as it stands for every encoding. */
  etag: string;
  plain: Encoded;
  /** Null where compressing gains nothing. */
  gzip: Encoded | null;
}

/** @param maxAgeSeconds what a client may keep an answer for that is the same for everyone */
export async function finishAnswer(
  response: Response,
  body: Uint8Array<ArrayBuffer>,
  maxAgeSeconds: number,
): Promise<FinishedAnswer> {
  const etag = `W/"${new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toBase64()}"`;
  const isPage = response.headers.get("Content-Type")?.startsWith("text/html") ?? false;
  const headers = new Headers(response.headers);
  headers.delete("Content-Length");
  headers.set("ETag", etag);
  // A page that was kept by the browser would come back as it was before a preference was changed.
  headers.set("Vary", isPage ? "Cookie, Accept-Language, Accept-Encoding" : "Accept-Encoding");
  if (!headers.has("Cache-Control")) {
    headers.set(
      "Cache-Control",
      isPage ? "private, no-cache" : `public, max-age=${maxAgeSeconds}`,
    );
  }
  const plain = { body, headers };
  if (!isCompressible(headers)) return { etag, plain, gzip: null };
  const compressed = new Uint8Array(await compress(body));
  if (compressed.length >= body.length) return { etag, plain, gzip: null };
  const gzipHeaders = new Headers(headers);
  gzipHeaders.set("Content-Encoding", "gzip");
  return { etag, plain, gzip: { body: compressed, headers: gzipHeaders } };
}

/** The answer to a `GET` or `HEAD` as the client can take it: compressed, or 304 when it has it. */
export function sendAnswer(
  { etag, plain, gzip }: FinishedAnswer,
  request: Request,
  ageSeconds: number,
): Response {
  const response = respond(request, etag, plain, gzip);
  if (ageSeconds > 0) response.headers.set("Age", String(ageSeconds));
  return response;
}

function respond(
  request: Request,
  etag: string,
  plain: Encoded,
  gzip: Encoded | null,
): Response {
  const known = request.headers.get("If-None-Match");
  if (known !== null && matches(known, etag)) {
    return new Response(null, { status: 304, headers: plain.headers });
  }
  const { body, headers } = gzip !== null && acceptsGzip(request) ? gzip : plain;
  if (request.method !== "HEAD") return new Response(body, { headers });
  const response = new Response(null, { headers });
  response.headers.set("Content-Length", String(body.length));
  return response;
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
