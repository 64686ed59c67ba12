/** The yardstick of the site's bench, a process of its own: Hono, and nothing to do. */
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.text("hello"));
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`serves http://127.0.0.1:${port}/`),
}, app.fetch);
