import { raw, type Sql, sql } from "@stoa/db";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * The key of the n-th place at the end of an order, in SQL: an integer key of `fractional-indexing` (`e` and five
 * digits in base 62, so for 916 million places). Counted places need neither a look at the last key nor another try
 * when many arrive at once, and `generateKeyBetween` still finds room between any two.
 *
 * @param place an expression, from 1
 */
export function endRank(place: Sql): Sql {
  const digit = (power: number) =>
    sql`substr(${raw(`'${digits}'`)}, 1 + (${place}) / ${raw(String(62 ** power))} % 62, 1)`;
  return sql`'e' || ${digit(4)} || ${digit(3)} || ${digit(2)} || ${digit(1)} || ${digit(0)}`;
}

/** The same in TypeScript. */
export function endRankOf(place: number): string {
  return `e${[4, 3, 2, 1, 0].map((power) => digits.charAt(Math.floor(place / 62 ** power) % 62)).join("")}`;
}

/** Takes the next place (and number) in a scope: a project, or the user whose personal tasks they are. */
export function takePlace(scope_id: string, numbers: 0 | 1, happened: Sql): Sql {
  return sql`insert into counters (scope_id, last_number, last_place) select ${scope_id}, ${numbers}, 1 where ${happened}
    on conflict (scope_id) do update set last_number = last_number + ${numbers}, last_place = last_place + 1`;
}
