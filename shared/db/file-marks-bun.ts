import type { Checkpoints } from "./checkpoints-bun.ts";
import type { HeldFile } from "./held-file-bun.ts";

/** What SQLite says of the database, which the file must agree with; undefined where it cannot be read now. */
export interface KnownDatabase {
  /** `pragma schema_version`: it grows with each change of the schema. */
  schemaVersion(): number | undefined;
  /** The page of the table that has the journal's id, in its one row. */
  identityPage(): number | undefined;
  /** The journal's id. A command may give it another one. */
  identity(): string | undefined;
  /** When the first migration ran: no two databases have the same, and nothing changes it. */
  madeAt(): string | undefined;
}

/**
 * Notices that another database was written over a file in place (`cp other.db identity.db`), which changes neither the
 * number of the file nor anything that SQLite would look at. SQLite itself only ever moves newer pages of the same database
 * into it. So it is another one when a counter in the header (SQLite's file format, 1.3: file change counter, schema cookie)
 * has gone back, or is ahead of what SQLite knows, or when the page with the journal's id has changed and does not have
 * the id that SQLite says, or SQLite says that the database was made at another time.
 *
 * An older copy of the same file that has all of them in common stays unnoticed.
 */
export class FileMarks {
  readonly #file: HeldFile;
  readonly #known: KnownDatabase;
  readonly #checkpoints: Checkpoints;
  /** The header, and the last checkpoint before it was read. */
  #last: { readonly header: Buffer; readonly checkpoint: string | undefined } | undefined;
  /** Since when the header has been another one without a checkpoint; milliseconds of `performance.now`. */
  #doubted: number | undefined;
  #counter = 0;
  #cookie = 0;
  #identity: Identity | undefined;

  constructor(file: HeldFile, known: KnownDatabase, checkpoints: Checkpoints) {
    this.#file = file;
    this.#known = known;
    this.#checkpoints = checkpoints;
  }

  /** Whether the file still is the database that it was. */
  same(): boolean {
    // Before the header: a checkpoint that comes between the two is seen by the next look.
    const checkpoint = this.#checkpoints.last();
    const bytes = this.#file.read(0, 100);
    if (!bytes) return true;
    const header = Buffer.from(bytes);
    if (this.#unexplained(header, checkpoint)) return false;
    const [counter, cookie] = [header.readUInt32BE(24), header.readUInt32BE(40)];
    if (counter < this.#counter || cookie < this.#cookie) return false;
    const version = this.#known.schemaVersion();
    if (version !== undefined && cookie > version) return false;
    this.#counter = counter;
    this.#cookie = cookie;
    const before = this.#identity;
    if (before?.page.equals(this.#file.read(before.offset, before.page.length) ?? before.page)) return true;
    const now = this.#identified(pageSizeOf(header));
    if (before && (!now || now.made_at !== before.made_at)) return false;
    this.#identity = now;
    return true;
  }

  /**
   * Whether the header has become another one without a checkpoint, at two looks: another process may be in the middle of
   * a checkpoint that was begun before.
   */
  #unexplained(header: Buffer, checkpoint: string | undefined): boolean {
    const moved = this.#last?.checkpoint === undefined || this.#last.checkpoint !== this.#checkpoints.last();
    if (moved || this.#last?.header.equals(header)) {
      this.#last = { header, checkpoint };
      this.#doubted = undefined;
      return false;
    }
    this.#doubted ??= performance.now();
    return performance.now() - this.#doubted >= SURE_MS;
  }

  /** Undefined unless the page has the id that SQLite says: there is no such table, or the row is in the write-ahead log. */
  #identified(size: number): Identity | undefined {
    const number = this.#known.identityPage();
    if (number === undefined) return undefined;
    const offset = (number - 1) * size;
    const bytes = this.#file.read(offset, size);
    if (!bytes) return undefined;
    const page = Buffer.from(bytes);
    const id = this.#known.identity();
    return id !== undefined && page.includes(id) ? { offset, page, made_at: this.#known.madeAt() } : undefined;
  }
}

/** How long a header must be another one before it is believed; milliseconds, less than between two looks. */
const SURE_MS = 900;

/** Where a file says which database it is, and when SQLite says that it was made. */
interface Identity {
  readonly offset: number;
  readonly page: Buffer;
  readonly made_at: string | undefined;
}

/** 1 stands for 65,536 (SQLite's file format, 1.3.2). */
function pageSizeOf(header: Buffer): number {
  const size = header.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
}
