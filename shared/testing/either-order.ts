import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase, type Row, raw, sql } from "@stoa/db";
import { atEnd } from "./at-end.ts";
import { atEveryStep } from "./at-every-step.ts";
import type { TemporaryDatabase } from "./temporary-database.ts";

/** A command on a database, and what it answers: what is compared is what a client sees. */
export type Doing = (db: Database) => Promise<unknown>;

/** Runs two commands on copies of one database. */
export interface Stage extends Disposable {
  /**
   * Runs a command with another whole one before each of its steps in turn. All must end as if one of the two had come
   * after the other: with the same answers, the same rows and the same events, ids and times of the two aside.
   *
   * @returns what ended otherwise, in lines: `step 2 + ` of the end that there was, `step 2 - ` of the nearest that there may be
   */
  eitherOrder(command: Doing, other: Doing): Promise<string[]>;
}

/**
 * Runs a command on a stage with each of its rivals, itself among them, before its steps.
 *
 * @param doing what a name stands for, on either side
 * @returns what ended otherwise, in lines that begin with the rival's name
 */
export async function straysOf<Name extends string>(
  stage: Stage,
  name: Name,
  rivals: readonly Name[],
  doing: (who: "command" | "other", name: Name) => Doing,
): Promise<string[]> {
  const strays: string[] = [];
  for (const rival of new Set([name, ...rivals])) {
    const found = await stage.eitherOrder(doing("command", name), doing("other", rival));
    strays.push(...found.map((line) => `${rival}, ${line}`));
  }
  return strays;
}

/**
 * A database that stands for another one, whichever it was told last: an app that is made once then works on the copy of
 * each round.
 */
export function standIn(first: Database): { readonly db: Database; use(db: Database): void } {
  let current = first;
  return {
    db: new Proxy(first, { get: (_, name) => Reflect.get(current, name) }),
    use: (db) => {
      current = db;
    },
  };
}

/** What is no state of the service: who follows, and what is derived from the rest. */
const DERIVED = /^sqlite_|^journal_identity$|^cursors$|_(words|substrings)(_\w+)?$/;
/** What differs each time: the ids of requests and traces, and what is sealed. */
const RANDOM = ["request_id", "traceparent", "secret", "private_key", "body_hash", "hash", "token_hash", "code_hash"];
/** Events of one batch may come in any order. */
const UNORDERED = ["seq"];
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** 256 random bits in Base64url: tokens, and the ids of keys. */
const TOKEN = /(?<![\w-])[\w-]{43}(?![\w-])/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/**
 * Takes a database as it is for the beginning of every round. It must be in a file.
 *
 * @example
 * await using stored = await temporaryDatabase("projects", { inFile: true });
 * using stage = await stageOf(stored);
 * const create = (db: Database) => createTask({ db, now }, actor, input, unclaimed);
 * expect(await stage.eitherOrder(create, create)).toEqual([]);
 */
export async function stageOf({ db, url }: Pick<TemporaryDatabase, "db" | "url">): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), "stoa-stage-"));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const callOff = atEnd(remove);
  await db.query(sql`pragma wal_checkpoint(truncate)`);
  const beginning = join(dir, "beginning.db");
  copyFileSync(url.replace(/^file:/, ""), beginning);
  const begun = (await linesOf(db)).join("\n");
  const known = new Set([ID, TOKEN, TIME].flatMap((pattern) => begun.match(pattern) ?? []));
  const plain = (text: string) =>
    text
      .replace(ID, (id) => (known.has(id) ? id : "new"))
      .replace(TOKEN, (token) => (known.has(token) ? token : "new"))
      .replace(TIME, (time) => (known.has(time) ? time : "now"));
  let rounds = 0;

  async function round(play: (db: Database) => Promise<readonly string[]>): Promise<string[]> {
    const file = join(dir, `${++rounds}.db`);
    copyFileSync(beginning, file);
    const copy = await openDatabase(`file:${file}`);
    try {
      const answers = await play(copy);
      return [...answers, ...(await linesOf(copy))].map(plain).toSorted();
    } finally {
      copy.close();
      for (const part of ["", "-wal", "-shm"]) rmSync(`${file}${part}`, { force: true });
    }
  }

  return {
    async eitherOrder(command, other) {
      const one = await round(async (copy) => [said("command", await command(copy)), said("other", await other(copy))]);
      const two = await round(async (copy) => [said("other", await other(copy)), said("command", await command(copy))]);
      const strays: string[] = [];
      await atEveryStep(async (overtaken, step) => {
        const end = await round(async (copy) => {
          let theirs: string | undefined;
          const mine = await command(
            overtaken(withoutTurns(copy), async () => {
              theirs = said("other", await other(copy));
            }),
          );
          return [said("command", mine), theirs ?? said("other", await other(copy))];
        });
        const [nearest = []] = [one, two]
          .map((allowed) => difference(end, allowed))
          .toSorted((a, b) => a.length - b.length);
        strays.push(...nearest.map((line) => `step ${step} ${line}`));
      });
      return strays;
    },
    [Symbol.dispose]: () => {
      remove();
      callOff();
    },
  };
}

/** The other command runs while this one has its turn, and would wait for it. */
const withoutTurns = (db: Database): Database => ({
  ...db,
  turns: { taken: () => false, take: (_, work) => work() },
});

const said = (who: string, answer: unknown) => `${who}: ${JSON.stringify(answer)}`;

/** Every row of every table, in lines. */
async function linesOf(db: Database): Promise<string[]> {
  const tables = await db.query(sql`select name from sqlite_master where type = 'table'`);
  const names = tables.map(({ name }) => String(name)).filter((name) => !DERIVED.test(name));
  const lists = await db.queryAll(names.map((name) => raw(`select * from "${name}"`)));
  return lists.flatMap((rows, index) =>
    rows.map((row) => `${names[index]}: ${JSON.stringify(without(names[index], row))}`),
  );
}

function without(table: string | undefined, row: Row): Row {
  const left = table === "journal" ? [...RANDOM, ...UNORDERED] : RANDOM;
  return Object.fromEntries(Object.entries(row).filter(([column]) => !left.includes(column)));
}

/** The lines of each that the other has not, however often each is there. */
function difference(end: readonly string[], allowed: readonly string[]): string[] {
  const left = [...allowed];
  const more = end.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return [...more.map((line) => `+ ${line}`), ...left.map((line) => `- ${line}`)];
}
