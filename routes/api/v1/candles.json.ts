/** `GET /api/v1/candles.json`: every stored candle of one series. Described in docs/api.md. */
import { download, type DownloadFormat } from "../../_candle_download.ts";
import { createRoute } from "../../_env.ts";

const JSON_DOCUMENT: DownloadFormat = {
  extension: "json",
  contentType: "application/json",
  async *write({ instrument: { symbol, source }, interval }, pages) {
    // The shape of /api/v1/candles, a candle a line.
    const head = JSON.stringify({ symbol, source, interval }).replace(/\}$/, ',"candles":[');
    yield head;
    let separator = "\n";
    for await (const page of pages) {
      yield separator + page.map((candle) => JSON.stringify(candle)).join(",\n");
      separator = ",\n";
    }
    yield "\n]}\n";
  },
};

export const GET = createRoute((c) => download(c, JSON_DOCUMENT));
