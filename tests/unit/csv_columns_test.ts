import assert from "node:assert/strict";
import { parseNamedColumns, recogniseColumns } from "../../etl/files/columns.ts";

const columnsOf = (header: string, named = {}) =>
  recogniseColumns(header.split(","), named, "the file");

Deno.test("recogniseColumns() knows the headers of the usual exports", () => {
  const prices = { datetime: 0, open: 1, high: 2, low: 3, close: 4 };
  assert.deepEqual(columnsOf("datetime,open,high,low,close,volume"), { ...prices, volume: 5 });
  assert.deepEqual(columnsOf("Date,Open,High,Low,Close,Adj Close,Volume"), {
    ...prices,
    volume: 6,
  });
  assert.deepEqual(columnsOf("TIMESTAMP,OPEN,HIGH,LOW,CLOSE"), prices);
  assert.deepEqual(
    columnsOf("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"),
    {
      ...{ symbol: 0, interval: 1, datetime: 2, time: 3 },
      ...{ open: 4, high: 5, low: 6, close: 7, volume: 8 },
    },
  );
  assert.deepEqual(
    columnsOf("source,symbol,interval,opened_at,open,high,low,close,volume,is_final"),
    {
      ...{ source: 0, symbol: 1, interval: 2, datetime: 3 },
      ...{ open: 4, high: 5, low: 6, close: 7, volume: 8, is_final: 9 },
    },
  );
});

Deno.test("recogniseColumns() takes a time alone as the whole, and beside a datetime as another thing", () => {
  assert.equal(columnsOf("time,open,high,low,close").datetime, 0);
  assert.equal(columnsOf("time,open,high,low,close").time, undefined);
  assert.equal(columnsOf("datetime,time,open,high,low,close").time, undefined);
});

Deno.test("recogniseColumns() takes source, is_final and kind for ours only in our own export", () => {
  const { source, is_final, kind } = columnsOf("source,date,open,high,low,close,is_final,kind");
  assert.deepEqual([source, is_final, kind], [undefined, undefined, undefined]);
  assert.equal(columnsOf("opened_at,open,high,low,close,kind").kind, 5);
});

Deno.test("recogniseColumns() lets a named column win, and an empty name leaves one out", () => {
  const named = parseNamedColumns("datetime=Day,close=Adj Close,symbol=");
  const columns = columnsOf("symbol,Day,open,high,low,close,Adj Close", named);
  assert.deepEqual([columns.datetime, columns.close, columns.symbol], [1, 6, undefined]);
});

Deno.test("recogniseColumns() says which columns are missing, which are there, and what to do", () => {
  const error = (message: RegExp) => ({ name: "OperatorError", message });
  assert.throws(
    () => columnsOf("Day,Open,High,Low,Last"),
    error(/line 1 is its datetime, close: it has Day, Open, .*--columns datetime=NAME$/),
  );
  assert.throws(
    () => columnsOf("date,open,high,low,close", { volume: "Vol" }),
    error(/volume of the file from column "Vol" .* it has date, open/),
  );
  assert.throws(() => parseNamedColumns("close"), error(/FIELD=COLUMN .* current value is close$/));
  assert.throws(() => parseNamedColumns("adj=A"), error(/one of datetime, .* value is adj=A$/));
});
