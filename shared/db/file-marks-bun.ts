import type { HeldFile } from "./held-file-bun.ts";

/** What the connection knows of the database, which the file must agree with; undefined where it cannot be read now. */
export interface KnownSchema {
  /** `pragma schema_version`: it grows with each change of the schema. */
  version(): number | undefined;
  /** The page of a table that has one row for ever, by which two databases differ. */
  identityPage(): number | undefined;
}

/**
 * Notices that another database was written over a file in place (`cp other.db identity.db`), which changes neither the
 * number of the file nor anything that SQLite would look at. SQLite itself only ever moves newer pages of the same database
 * into it, so it is another one when a page that never changes has changed, or when a counter in the header (SQLite's file
 * format, 1.3: file change counter, schema cookie) has gone back or is ahead of what the connection knows.
 *
 * An older copy of the same file that has all of them in common stays unnoticed.
 */
export class FileMarks {
  readonly #file: HeldFile;
  readonly #schema: KnownSchema;
  #counter = 0;
  #cookie = 0;
  #identity: { readonly offset: number; readonly page: Buffer } | undefined;

  constructor(file: HeldFile, schema: KnownSchema) {
    this.#file = file;
    this.#schema = schema;
  }

  /** Whether the file still is the database that it was. */
  same(): boolean {
    const bytes = this.#file.read(0, 100);
    if (!bytes) return true;
    const header = Buffer.from(bytes);
    const [counter, cookie] = [header.readUInt32BE(24), header.readUInt32BE(40)];
    if (counter < this.#counter || cookie < this.#cookie) return false;
    const version = this.#schema.version();
    if (version !== undefined && cookie > version) return false;
    this.#counter = counter;
    this.#cookie = cookie;
    this.#identity ??= this.#identified(pageSizeOf(header));
    const { offset, page } = this.#identity ?? {};
    return !page || page.equals(this.#file.read(offset ?? 0, page.length) ?? page);
  }

  /** Undefined while there is no such table, or its row is in the write-ahead log alone. */
  #identified(size: number) {
    const number = this.#schema.identityPage();
    if (number === undefined) return undefined;
    const offset = (number - 1) * size;
    const bytes = this.#file.read(offset, size);
    if (!bytes) return undefined;
    const page = Buffer.from(bytes);
    return page[0] === tableLeaf && page.readUInt16BE(3) === 1 ? { offset, page } : undefined;
  }
}

/** The first byte of a page with rows of a table; the number of its cells is at 3 (SQLite's file format, 1.6). */
const tableLeaf = 0x0d;

/** 1 stands for 65,536 (SQLite's file format, 1.3.2). */
function pageSizeOf(header: Buffer): number {
  const size = header.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
}
