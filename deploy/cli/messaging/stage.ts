import { Database } from "bun:sqlite";
import { importedMessage } from "@stoa/messaging/import/identify";
import type { Said } from "@stoa/messaging/import/mattermost";

/** A post of the file, and the one that it answers. */
export interface StagedPost {
  readonly id: string;
  readonly said: Said;
  readonly parent: { readonly id: string; readonly said: Said } | null;
}

/**
 * The posts of a file in the order of their channels and times, whatever the order of the file: on disk, as a file may be
 * larger than the memory.
 */
export class Stage implements Disposable {
  // SQLite deletes a database without a name when it is closed.
  readonly #db = new Database("");
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
    this.#db.run(
      "create table posts (n integer primary key, key text, at integer, parent integer, id text unique, said text)",
    );
    this.#db.run("begin");
  }

  /** Adds a post, one that stands in the file twice once, with the answers to it; an answer never comes before what it answers. */
  add(key: string, post: Said, replies: readonly Said[]): void {
    const parent = this.#put(key, post, post.create_at, null);
    for (const reply of replies) this.#put(key, reply, Math.max(reply.create_at, post.create_at), parent);
  }

  #put(key: string, said: Said, at: number, parent: number | null): number {
    const id = importedMessage({ source: this.#source, key }, { ...said, at: said.create_at });
    const insert = this.#db.query<{ n: number }, (string | number | null)[]>(
      `insert into posts (key, at, parent, id, said) values (?, ?, ?, ?, ?)
        on conflict (id) do update set id = excluded.id returning n`,
    );
    return insert.get(key, at, parent, id, JSON.stringify(said))?.n ?? 0;
  }

  /** Ends adding: from here on the posts can be read. */
  close(): void {
    this.#db.run("commit");
    this.#db.run("create index posts_order on posts (key, at, n)");
  }

  /** Who has said or reacted to something. */
  *people(): Iterable<string> {
    const names = `select lower(said ->> 'user') as name from posts union
      select lower(r.value ->> 'user') from posts, json_each(said -> 'reactions') r where r.type = 'object'`;
    for (const { name } of this.#db.query<{ name: string }, []>(names).iterate()) yield name;
  }

  /** The channels that have posts. */
  keys(): string[] {
    const rows = this.#db.query<{ key: string }, []>("select distinct key from posts order by key").all();
    return rows.map(({ key }) => key);
  }

  /** When a channel's first post was written; milliseconds. */
  began(key: string): number | undefined {
    const first = this.#db.query<{ at: number | null }, [string]>("select min(at) as at from posts where key = ?");
    return first.get(key)?.at ?? undefined;
  }

  /** The posts of a channel, oldest first, some at a time. */
  *posts(key: string, size: number): Iterable<StagedPost[]> {
    const page = this.#db.query<Row, [string, number, number, number]>(
      `select p.n, p.at, p.id, p.said, o.id as parent_id, o.said as parent_said
        from posts p left join posts o on o.n = p.parent
        where p.key = ? and (p.at, p.n) > (?, ?) order by p.at, p.n limit ?`,
    );
    for (let [at, n] = [-1, -1]; ; ) {
      const rows = page.all(key, at, n, size);
      const last = rows.at(-1);
      if (!last) return;
      [at, n] = [last.at, last.n];
      yield rows.map(staged);
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

interface Row {
  readonly n: number;
  readonly at: number;
  readonly id: string;
  readonly said: string;
  readonly parent_id: string | null;
  readonly parent_said: string | null;
}

function staged({ id, said, parent_id, parent_said }: Row): StagedPost {
  const parent = parent_id === null || parent_said === null ? null : { id: parent_id, said: saidIn(parent_said) };
  return { id, said: saidIn(said), parent };
}

const saidIn = (json: string) => JSON.parse(json) as Said;
