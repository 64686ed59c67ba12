import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import assert from "node:assert/strict";
import { type CsvRecord, readCsvRecords } from "../../etl/files/csv_records.ts";

/** The text as a stream in pieces of so many bytes. */
function streamOf(text: string | Uint8Array, size = 7): ReadableStream<Uint8Array> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => bytes.slice(i * size, (i + 1) * size),
  );
  return ReadableStream.from(pieces);
}

async function read(text: string | Uint8Array, size?: number): Promise<CsvRecord[]> {
  return await Array.fromAsync(readCsvRecords(streamOf(text, size), "the file"));
}

Deno.test("readCsvRecords() gives back what was written, in whatever pieces, separators and line ends", async () => {
  const field = fc.stringMatching(/^[a-z0-9."é€:;,-]{1,8}$/);
  const rows = fc.array(fc.array(field, { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 20,
  });
  await fc.assert(fc.asyncProperty(
    rows,
    fc.constantFrom(",", ";", "\t", "|"),
    fc.constantFrom("\n", "\r\n", "\r"),
    fc.integer({ min: 1, max: 50 }),
    async (rows, delimiter, record_delimiter, size) => {
      const all = [["date", "open", "close"], ...rows];
      const text = stringify(all, { delimiter, record_delimiter, quoted: true });
      const records = await read(text, size);
      assert.deepEqual(records, all.map((fields, i) => ({ line: i + 1, fields })));
    },
  ));
});

Deno.test("readCsvRecords() passes over a byte order mark and blank lines, and counts lines as an editor does", async () => {
  assert.deepEqual(await read("\ufeffa,b\r\n\r\n 1 , 2\n\n3,4\n\n\n"), [
    { line: 1, fields: ["a", "b"] },
    { line: 3, fields: ["1", "2"] },
    { line: 5, fields: ["3", "4"] },
  ]);
});

Deno.test("readCsvRecords() leaves a stray quote and a wrong number of values to whoever reads the row", async () => {
  const records = await read('a,b\n1,2"\n3,"4"x\n5\n6,7,8\n');
  const fields = records.map((record) => record.fields);
  assert.deepEqual(fields.slice(1), [["1", '2"'], ["3", '"4"x'], ["5"], ["6", "7", "8"]]);
});

Deno.test("readCsvRecords() says in one line why a file is no CSV", async () => {
  const error = (message: RegExp) => ({ name: "OperatorError", message });
  await assert.rejects(read(""), error(/^Cannot read the file as it is empty$/));
  const utf16 = new Uint8Array(
    new Uint16Array([..."date,open"].map((c) => c.charCodeAt(0))).buffer,
  );
  await assert.rejects(read(utf16), error(/not UTF-8 text: save it as CSV in UTF-8$/));
  await assert.rejects(read(new Uint8Array([0x64, 0xe9, 0x0a])), error(/not UTF-8 text/));
  await assert.rejects(
    read(`a,b\n1,2\n"3,4\n${"5,6\n".repeat(3)}`, 8),
    error(/a quote that opens after line 2 does not close: mend it there/),
  );
  await assert.rejects(
    read(`a,b\n1,2\n"3,4\n${"5,6\n".repeat(50_000)}`, 4096),
    error(/a quote that opens after line \d+ does not close/),
  );
});

Deno.test("readCsvRecords() lets go of the file when its reader stops", async () => {
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("1,2\n")),
    cancel: () => void (isCancelled = true),
  });
  for await (const { line } of readCsvRecords(endless, "the file")) if (line > 100) break;
  assert.ok(isCancelled);
});
