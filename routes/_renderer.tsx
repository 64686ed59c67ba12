/** Wraps what a route renders in the site's document. */
import { render } from "preact-render-to-string";
import { Layout } from "../components/Layout.tsx";
import { createMiddleware } from "./_env.ts";

export default createMiddleware(async (c, next) => {
  c.setRenderer((content, page) =>
    c.html(
      "<!doctype html>" +
        render(
          <Layout
            page={page}
            path={c.req.path}
            source={c.env.source}
            sourceNote={c.env.sourceNote}
          >
            {content}
          </Layout>,
        ),
    )
  );
  await next();
});
