/** The sharing of one session, without a database: a stand-in answers as PostgreSQL would. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { SharedSession } from "../../db/embedded_session.ts";
import { message, queryMessage, RequestCutter, startupMessage, SYNC } from "../../db/wire.ts";
import { withTempDir } from "../support/temp.ts";

/** Notes every query; a "begin" opens a transaction, a "rollback" ends it. */
function standIn() {
  const queries: string[] = [];
  let state = "I";
  return {
    queries,
    execute(messages: Buffer): Buffer {
      const text = messages.toString("latin1");
      for (const [query] of text.matchAll(/begin|rollback|select \w+/gi)) queries.push(query);
      if (/begin/i.test(text)) state = "T";
      if (/rollback/i.test(text)) state = "I";
      return message("Z", state);
    },
  };
}

async function withSession(
  idleInTransactionMs: number,
  fn: (open: () => Promise<Socket>, queries: string[]) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const { queries, execute } = standIn();
    const session = new SharedSession({
      execute,
      greeting: message("Z", "I"),
      idleInTransactionMs,
    });
    const path = join(dir, "s");
    const server: Server = createServer((socket) => session.accept(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const sockets: Socket[] = [];
    const open = () =>
      new Promise<Socket>((resolve) => {
        const socket = connect({ path }, () => socket.write(startupMessage()));
        socket.once("data", () => resolve(socket));
        sockets.push(socket);
      });
    await fn(open, queries);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

const nextAnswer = (socket: Socket) =>
  new Promise<string>((resolve) =>
    socket.once("data", (bytes) => resolve(bytes.toString("latin1")))
  );

Deno.test("while a transaction is open only its owner's queries run", async () => {
  await withSession(60_000, async (open, queries) => {
    const [owner, other] = [await open(), await open()];
    owner.write(queryMessage("begin"));
    await nextAnswer(owner);
    const answered = nextAnswer(other);
    other.write(queryMessage("select other"));
    for (const name of ["a", "b", "c"]) {
      owner.write(queryMessage(`select ${name}`));
      await nextAnswer(owner);
    }
    owner.write(queryMessage("rollback"));
    await answered;
    assert.deepEqual(queries, [
      "begin",
      "select a",
      "select b",
      "select c",
      "rollback",
      "select other",
    ]);
  });
});

Deno.test("a batch that pauses at a Flush goes on before any other connection runs", async () => {
  await withSession(60_000, async (open, queries) => {
    const [first, second] = [await open(), await open()];
    first.write(Buffer.concat([message("P", "\0select first\0\0\0"), message("H")]));
    await nextAnswer(first);
    const answered = nextAnswer(second);
    second.write(queryMessage("select second"));
    await open(); // The server has heard of the second by then.
    first.write(Buffer.concat([message("E", "\0select again\0\0\0\0"), SYNC]));
    await answered;
    assert.deepEqual(queries, ["select first", "select again", "select second"]);
  });
});

Deno.test("a transaction that is left open and silent ends when others have waited long enough", async () => {
  await withSession(50, async (open, queries) => {
    const [idle, other] = [await open(), await open()];
    idle.write(queryMessage("begin"));
    await nextAnswer(idle);
    other.write(queryMessage("select other"));
    const [lastWords] = await Promise.all([nextAnswer(idle), nextAnswer(other)]);
    assert.match(lastWords, /25P03.*idle while others waited/);
    assert.deepEqual(queries, ["begin", "ROLLBACK", "select other"]);
  });
});

Deno.test("RequestCutter makes the same requests however the bytes were split", () => {
  const stream = Buffer.concat([
    startupMessage(),
    message("P", "s1\0select 1\0\0\0"),
    message("H"),
    message("B", "\0s1\0\0\0\0\0\0\0"),
    SYNC,
    queryMessage("select 2"),
    message("X"),
  ]);
  const cut = (chunks: Buffer[]) => {
    const cutter = new RequestCutter();
    return chunks.flatMap((chunk) => cutter.push(chunk)).map((request) =>
      request.kind === "batch" ? { ...request, bytes: request.bytes.toString("hex") } : request
    );
  };
  const whole = cut([stream]);
  assert.deepEqual(whole.map(({ kind }) => kind), [
    "startup",
    "batch",
    "batch",
    "batch",
    "terminate",
  ]);
  assert.deepEqual(whole.map((r) => "prepares" in r ? r.prepares : null), [
    null,
    ["s1"],
    [],
    [],
    null,
  ]);
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (sizes) => {
    const chunks: Buffer[] = [];
    let at = 0;
    for (const size of sizes) chunks.push(stream.subarray(at, at += size));
    chunks.push(stream.subarray(at));
    assert.deepEqual(cut(chunks), whole);
  }));
});
