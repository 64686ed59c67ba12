/** Numbers as the reader's locale writes them. */
import assert from "node:assert/strict";
import { chooseLocale } from "../../components/locale.ts";
import { fillDatabase, openSite } from "../support/site.ts";
import { forEachDatabase } from "../support/databases.ts";

Deno.test("chooseLocale() takes the known locale of the greatest weight", () => {
  assert.equal(chooseLocale(undefined), "en-US");
  assert.equal(chooseLocale("de-CH;q=0.5, fr;q=0.9"), "fr");
  assert.equal(chooseLocale("xx, tlh;q=0.9, de-DE;q=0.8"), "de-DE");
  assert.equal(chooseLocale("ar-EG"), "ar-EG-u-nu-latn");
  for (const text of ["fa", "ar-EG", "de-DE", "mr-IN"]) {
    assert.equal(chooseLocale(chooseLocale(text)), chooseLocale(text), "the cache passes it on");
  }
  for (const text of ["*", "", ";;;", "de;q=0", "'\"><script>", "de_DE", `en-${"x".repeat(9)}`]) {
    assert.equal(chooseLocale(text), "en-US", text);
  }
});

forEachDatabase(
  "A page tells its numbers in the locale of the browser",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const site = await openSite({ sql });
    const page = async (locale: string) => {
      const html = await (await site("/", { headers: { "Accept-Language": locale } })).text();
      const price = html.match(/<data value="(\d{5}\.\d\d)\d*">([^<]+)</)!;
      return { html, exact: price[1]!, shown: price[2]! };
    };
    const english = await page("en-US,en;q=0.9");
    const german = await page("de-DE");
    assert.equal(Number(english.shown.replaceAll(",", "")), Number(english.exact));
    assert.equal(german.exact, english.exact);
    assert.equal(german.shown, english.shown.replace(/[.,]/g, (mark) => mark === "," ? "." : ","));
    assert.match(german.html, /data-locale="de-DE"/);
    assert.match((await page("fa")).html, /data-locale="fa-u-nu-latn"/);
    assert.match(german.html, /[+−]\d+,\d\d %/, "per cents too");
    assert.deepEqual(await page("en-US"), english, "and the next page is told as it was");
  },
);
