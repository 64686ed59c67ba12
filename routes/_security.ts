/** The headers and the methods of every answer. */
import { secureHeaders } from "hono/secure-headers";
import { createMiddleware } from "./_env.ts";
import { HttpProblem } from "./_problem.ts";

/** Vite's development server puts its client, and its report of an error, into the page itself. */
const INLINE_IN_DEVELOPMENT = import.meta.env.PROD ? [] : ["'unsafe-inline'"];

/** Only this host may serve anything; the charts place their marks with style attributes, nothing else is inline. */
export const securityHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'", ...INLINE_IN_DEVELOPMENT],
    styleSrc: ["'self'", ...INLINE_IN_DEVELOPMENT],
    styleSrcAttr: ["'unsafe-inline'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: "same-origin",
  // Whether this host and its subdomains are HTTPS only is for who terminates TLS to say.
  strictTransportSecurity: false,
  xFrameOptions: "DENY",
  // For browsers and plug-ins that are gone. A header costs as much as looking up a page that is kept.
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});

/** What may be sent: the one change of data, whose route asks for the admin token, and cookies of one's own. */
const CHANGE = /^\/(pipeline\/rejects\/\d+\/accept|preferences)$/;

/** Every other route of the site only reads. */
export const readsOnly = createMiddleware(async (c, next) => {
  const allowed = ["GET", "HEAD", ...CHANGE.test(c.req.path) ? ["POST"] : []];
  if (!allowed.includes(c.req.method)) {
    c.header("Allow", allowed.join(", "));
    const methods = new Intl.ListFormat("en", { type: "disjunction" }).format(allowed);
    throw new HttpProblem(405, {
      code: "method_not_allowed",
      message: `Cannot answer as the method must be ${methods}: current value is ${c.req.method}`,
    });
  }
  await next();
});
