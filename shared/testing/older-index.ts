import { createClient } from "@libsql/client";

const words = ["heron", "weir", "otter", "reed", "moss", "eel", "ibis", "crane", "wren", "teal"];

/**
 * Puts a search index into a file by libSQL's own library, whose SQLite is 3.45, and changes its rows until it has an empty
 * page: whoever checks the whole file calls that index malformed.
 */
export async function addOlderIndex(path: string): Promise<void> {
  const client = createClient({ url: `file:${path}` });
  await client.batch([
    "create table older (id integer primary key, text)",
    "create virtual table older_words using fts5(text, content='older', content_rowid='id', tokenize='trigram')",
    "insert into older_words (older_words, rank) values ('secure-delete', 1)",
  ]);
  const present = new Map<number, string>();
  // Always the same numbers (a linear congruential generator), so that the page is there each time.
  let seed = 2;
  const below = (limit: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(seed / 65_536) % limit;
  };
  for (let change = 0; change < 120; change++) {
    const id = below(8) + 1;
    const old = present.get(id);
    const text = Array.from({ length: 1 + below(4) }, () => words[below(10)]).join(" ");
    if (old !== undefined) {
      await client.batch([
        { sql: "insert into older_words (older_words, rowid, text) values ('delete', ?, ?)", args: [id, old] },
        { sql: "delete from older where id = ?", args: [id] },
      ]);
      present.delete(id);
      if (below(2) > 0) continue;
    }
    await client.batch([
      { sql: "insert into older values (?, ?)", args: [id, text] },
      { sql: "insert into older_words (rowid, text) values (?, ?)", args: [id, text] },
    ]);
    present.set(id, text);
  }
  client.close();
}
