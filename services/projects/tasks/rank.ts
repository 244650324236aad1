import { type Sql, sql } from "@stoa/db";

/**
 * The key of the n-th place at the end of an order, in SQL: an integer key of `fractional-indexing`, `i` and nine
 * digits, so for a thousand million places. (Its digits go to base 62; decimal ones are as good, and SQL makes them in
 * one call.) Counted places need neither a look at the last key nor another try when many arrive at once, and
 * `generateKeyBetween` still finds room between any two.
 *
 * @param place an expression, from 1
 */
export function endRank(place: Sql): Sql {
  return sql`printf('i%09d', ${place})`;
}

/** The same in TypeScript. */
export function endRankOf(place: number): string {
  return `i${String(place).padStart(9, "0")}`;
}

/** The longest key that a move may make, in characters. Before one would be longer, `spread.ts` shortens its neighbours. */
export const longestRank = 64;

/** Takes the next place (and number) in a scope: a project, or the user whose personal tasks they are. */
export function takePlace(scope_id: string, numbers: 0 | 1, happened: Sql): Sql {
  return sql`insert into counters (scope_id, last_number, last_place) select ${scope_id}, ${numbers}, 1 where ${happened}
    on conflict (scope_id) do update set last_number = last_number + ${numbers}, last_place = last_place + 1`;
}
