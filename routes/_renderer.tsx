/** Wraps what a route renders in the site's document. */
import { render } from "preact-render-to-string";
import { Layout } from "../components/Layout.tsx";
import { chooseLocale } from "../components/locale.ts";
import { renderInLocale } from "../islands/number_locale.ts";
import { createMiddleware } from "./_env.ts";
import { ownPath } from "./_own_path.ts";
import { readPreferences } from "./_preferences.ts";

export default createMiddleware(async (c, next) => {
  const locale = chooseLocale(c.req.header("Accept-Language"));
  c.setRenderer((content, page) =>
    c.html(
      "<!doctype html>" + renderInLocale(locale, () =>
        render(
          <Layout
            page={page}
            address={ownPath(c.req.url) + new URL(c.req.url).search}
            theme={readPreferences(c).theme}
            locale={locale}
            source={c.env.source}
            sourceNote={c.env.sourceNote}
          >
            {content}
          </Layout>,
        )),
    )
  );
  await next();
});
