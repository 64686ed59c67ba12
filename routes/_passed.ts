/** An answer that is for one client only, on its way while it is made: a download, an error. */
import { acceptsGzip, isCompressible } from "./_finished.ts";

/** `response` without its body for a `HEAD`, and a text compressed where the client can take that. */
export function passAnswer(response: Response, request: Request): Response {
  const { status, body } = response;
  if (request.method === "HEAD") {
    void body?.cancel();
    return new Response(null, response);
  }
  if (body === null || status !== 200 || !isCompressible(response.headers)) return response;
  const headers = new Headers(response.headers);
  headers.append("Vary", "Accept-Encoding");
  if (!acceptsGzip(request)) return new Response(body, { status, headers });
  headers.delete("Content-Length");
  headers.set("Content-Encoding", "gzip");
  return new Response(body.pipeThrough(new CompressionStream("gzip")), { status, headers });
}
