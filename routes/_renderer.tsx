/** Wraps what a route renders in the site's document. */
import { render } from "preact-render-to-string";
import { Layout } from "../components/Layout.tsx";
import { createMiddleware } from "./_env.ts";
import { ownPath } from "./_error.tsx";
import { readPreferences } from "./_preferences.ts";

export default createMiddleware(async (c, next) => {
  c.setRenderer((content, page) =>
    c.html(
      "<!doctype html>" +
        render(
          <Layout
            page={page}
            address={ownPath(c.req.url) + new URL(c.req.url).search}
            theme={readPreferences(c).theme}
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
