import type { ConversationMessagesQuery } from "./schema.ts";

/** Where a page of a conversation begins, and which way it goes from there. A null `seq`: from the latest message. */
export type Start =
  | { readonly way: "older"; readonly seq: number | null }
  | { readonly way: "newer" | "around"; readonly seq: number };

/** A place in a conversation, and the way that a page goes from there: what a cursor holds. */
type Place = readonly [seq: number, way: "older" | "newer"];

/** A page of a conversation, ascending, and where those on either side of it begin. */
interface Cut<R> {
  readonly items: R[];
  readonly next: Place | null;
  readonly previous: Place | null;
}

/** @param position what the request's cursor holds; undefined without one */
export function startOf(
  position: readonly unknown[] | undefined,
  { before_seq, after_seq, around_seq }: ConversationMessagesQuery,
): Start {
  if (position) {
    const [seq, way] = position;
    return { way: way === "newer" ? "newer" : "older", seq: Number(seq) };
  }
  if (around_seq !== undefined) return { way: "around", seq: around_seq };
  return after_seq === undefined ? { way: "older", seq: before_seq ?? null } : { way: "newer", seq: after_seq };
}

/**
 * A page that goes one way from its start.
 *
 * @param rows in that direction, one more than the page if there are as many
 * @param behind whether there are messages on the other side of its start
 */
export function cutOneWay<R extends { readonly seq: number }>(
  rows: readonly R[],
  { way, seq }: Start,
  size: number,
  behind: boolean,
): Cut<R> {
  const taken = rows.slice(0, size);
  const more = rows.length > size;
  const [near, far] = [taken.at(0)?.seq, taken.at(-1)?.seq];
  const forth = way === "newer" ? "newer" : "older";
  const back = forth === "newer" ? "older" : "newer";
  // A page without messages has the place where they would begin.
  const begin = near ?? (seq === null ? undefined : seq + (back === "older" ? 1 : -1));
  return {
    items: taken.toSorted((a, b) => a.seq - b.seq),
    next: more && far !== undefined ? [far, forth] : null,
    previous: behind && begin !== undefined ? [begin, back] : null,
  };
}

/**
 * A page around a message: as many before it, itself among them, as after it; where one side has fewer, more of the other.
 *
 * @param before the message itself and older ones, the newest first; one more than the page if there are as many
 * @param after newer ones, the oldest first
 */
export function cutAround<R extends { readonly seq: number }>(
  before: readonly R[],
  after: readonly R[],
  size: number,
): Cut<R> {
  const older = Math.min(before.length, Math.max(Math.ceil(size / 2), size - after.length));
  const newer = Math.min(after.length, size - older);
  const items = [...before.slice(0, older).toReversed(), ...after.slice(0, newer)];
  const [first, last] = [items.at(0)?.seq, items.at(-1)?.seq];
  return {
    items,
    next: first !== undefined && before.length > older ? [first, "older"] : null,
    previous: last !== undefined && after.length > newer ? [last, "newer"] : null,
  };
}
