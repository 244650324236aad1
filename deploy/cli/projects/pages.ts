import type { FileItem, Unreadable } from "./formats/item.ts";
import { externalIdOf, lists } from "./formats/item.ts";
import type { ImportFile } from "./open-file.ts";

/** The most items of a page, and the most bytes of JSON, well below the server's 16 MiB. */
const MOST_ITEMS = 1_000;
const MOST_BYTES = 8 * 1024 * 1024;

/** What a first reading of a file has found. */
export interface Survey {
  readonly total: number;
  readonly unreadable: readonly Unreadable[];
  readonly hasRepeated: boolean;
  /** Whether an item stands in the file more than once: none of them is sent. */
  isRepeated(item: FileItem): boolean;
  /** Rounds of reading in which what an item refers to comes before the item. */
  readonly rounds: readonly Round[];
}

/** Which items one reading of the file is for. */
type Round = (item: FileItem) => boolean;

/**
 * Reads a file once, to find out in which order its items are sent. It remembers a number of each item, and of subtasks
 * their parents.
 */
export async function survey(file: ImportFile): Promise<Survey> {
  const seen = new Set<number>();
  const repeated = new Set<number>();
  const unreadable: Unreadable[] = [];
  const parents = new Map<string, string>();
  const counts = new Map<string, number>();
  for await (const one of file.items()) {
    if ("reason" in one) {
      unreadable.push(one);
      continue;
    }
    const key = hashOf(one);
    if (seen.has(key)) repeated.add(key);
    seen.add(key);
    counts.set(one.list, (counts.get(one.list) ?? 0) + 1);
    if (one.list === "tasks" && one.item.parent) parents.set(one.item.external_id, one.item.parent);
  }
  const levels = levelsOf(parents);
  const deepest = levels.values().reduce((most, level) => Math.max(most, level), 0);
  const rounds = lists.flatMap((list): Round[] => {
    if (!counts.has(list)) return [];
    if (list !== "tasks") return [(one) => one.list === list];
    return Array.from(
      { length: deepest + 1 },
      (_, level): Round =>
        (one) =>
          one.list === "tasks" && (levels.get(one.item.external_id) ?? 0) === level,
    );
  });
  const total = counts.values().reduce((sum, count) => sum + count, 0);
  return {
    total,
    unreadable,
    hasRepeated: repeated.size > 0,
    isRepeated: (item) => repeated.has(hashOf(item)),
    rounds,
  };
}

/**
 * The items of a file in pages: whatever an item refers to is in its page, or in one before. Users have pages of their own,
 * so that it is known who is not there before projects name their members.
 */
export async function* pagesOf(file: ImportFile, { rounds, isRepeated }: Survey): AsyncGenerator<FileItem[]> {
  let page: FileItem[] = [];
  let bytes = 0;
  for (const round of rounds) {
    for await (const one of file.items()) {
      if ("reason" in one || !round(one) || isRepeated(one)) continue;
      const size = JSON.stringify(one.item).length * 2;
      const users = page[0]?.list === "users" && one.list !== "users";
      if (page.length > 0 && (users || page.length >= MOST_ITEMS || bytes + size > MOST_BYTES)) {
        yield page;
        page = [];
        bytes = 0;
      }
      page.push(one);
      bytes += size;
    }
  }
  if (page.length > 0) yield page;
}

/** A number for an item: two of a million have the same once in tens of millions of files. */
function hashOf(item: FileItem): number {
  const kind = item.list === "deleted" ? "tasks" : item.list;
  // 53 bits, so that a set of numbers holds them.
  return Number(BigInt.asUintN(53, Bun.hash(`${kind} ${externalIdOf(item)}`) as bigint));
}

/** How many tasks of the file each subtask lies below. */
function levelsOf(parents: ReadonlyMap<string, string>): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  for (const start of parents.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && parents.has(at) && !levels.has(at) && !onPath.has(at)) {
      onPath.add(at);
      path.push(at);
      at = parents.get(at);
    }
    if (at !== undefined && onPath.has(at)) {
      // The server refuses these, whenever they come.
      for (const one of path) levels.set(one, 0);
      continue;
    }
    let level = at === undefined ? 0 : (levels.get(at) ?? 0);
    for (const one of path.toReversed()) levels.set(one, ++level);
  }
  return levels;
}
