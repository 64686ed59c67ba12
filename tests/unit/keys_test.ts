import assert from "node:assert/strict";
import { createKeyReader } from "../../islands/keys.ts";

/** Deno has no elements: this stands for a field of text, and anything else for what is none. */
class Field {
  isContentEditable = false;
  matches = () => true;
}

/** Reads keys of a page that `g p` leads to. */
function readerOf() {
  const read = createKeyReader(new Map([["p", "/pipeline"], ["t", "/stocks"]]));
  return (key: string, event: Partial<KeyboardEvent> = {}, areSingleOn = true) =>
    read({ key, timeStamp: 0, target: null, ...event } as KeyboardEvent, areSingleOn);
}

Deno.test("createKeyReader() tells what a key asks for", async (t) => {
  Object.assign(globalThis, { HTMLElement: Field });
  try {
    await t.step("a page within a second and a half after g, and not later", () => {
      for (const [timeStamp, expected] of [[1499, { goTo: "/pipeline" }], [1500, null]] as const) {
        const read = readerOf();
        assert.equal(read("g"), null);
        assert.deepEqual(read("p", { timeStamp }), expected, `${timeStamp} ms`);
      }
    });

    await t.step("a page right after g alone, and before what the key else means", () => {
      const read = readerOf();
      assert.deepEqual(["g", "x", "p"].map((key) => read(key)), [null, null, null]);
      assert.deepEqual(["g", "t", "t"].map((key) => read(key)), [
        null,
        { goTo: "/stocks" },
        "theme",
      ]);
    });

    await t.step("single keys, unless they are off, held down, or typed into a field", () => {
      const read = readerOf();
      assert.deepEqual(["/", "t", "?", "x"].map((key) => read(key)), [
        "search",
        "theme",
        "help",
        null,
      ]);
      assert.equal(read("/", {}, false), null);
      assert.equal(read("/", { repeat: true }), null);
      assert.equal(read("/", { target: new Field() as unknown as EventTarget }), null);
    });

    await t.step("Ctrl K and ⌘ K everywhere, and nothing else that the browser may mean", () => {
      const read = readerOf();
      const target = new Field() as unknown as EventTarget;
      assert.equal(read("k", { ctrlKey: true, target }, false), "search");
      assert.equal(read("K", { metaKey: true }), "search");
      assert.equal(read("k", { ctrlKey: true, shiftKey: true }), null);
      assert.equal(read("t", { altKey: true }), null);
    });
  } finally {
    Reflect.deleteProperty(globalThis, "HTMLElement");
  }
});
