/** `GET /api/v1/candles.csv`: every stored candle of one series. Described in docs/api.md. */
import { stringify } from "csv-stringify/sync";
import { CANDLE_CSV_COLUMNS, candleTimeText } from "../../../market/candle_csv.ts";
import { download, type DownloadFormat } from "../../_candle_download.ts";
import { createRoute } from "../../_env.ts";

/** Those that `etl import` reads, and one that it leaves alone. */
const COLUMNS = [...CANDLE_CSV_COLUMNS, { key: "rolledUpFrom", header: "rolled_up_from" }];

const CSV: DownloadFormat = {
  extension: "csv",
  contentType: "text/csv; charset=utf-8",
  async *write({ instrument, interval }, pages) {
    yield `${COLUMNS.map(({ header }) => header).join(",")}\n`;
    for await (const page of pages) {
      const rows = page.map((candle) => ({ ...instrument, interval, ...candle }));
      yield stringify(rows, { columns: COLUMNS, cast: { date: candleTimeText, boolean: String } });
    }
  },
};

export const GET = createRoute((c) => download(c, CSV));
