/** The icon of the site. */
import icon from "../static/favicon.svg?raw";
import { createRoute } from "./_env.ts";

export const GET = createRoute((c) => {
  c.header("Cache-Control", "public, max-age=86400");
  return c.body(icon, 200, { "Content-Type": "image/svg+xml" });
});
