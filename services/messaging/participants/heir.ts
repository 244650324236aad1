import { type Sql, type SqlPart, sql } from "@stoa/db";

/** Selects who is in a group and was not erased, as `user_id`. @param conversation_id a value, or SQL of one */
export const livingIn = (conversation_id: SqlPart): Sql =>
  sql`select p.user_id from participants p left join directory d on d.user_id = p.user_id
    where p.conversation_id = ${conversation_id} and d.erased_at is null`;

/**
 * Whose a group without an owner is: whoever has been in it longest, and of them rather someone who can log in. Null when
 * nobody is left but those who were erased.
 *
 * @param conversation_id a value, or SQL of one
 */
export const heirOf = (conversation_id: SqlPart): Sql =>
  sql`(${livingIn(conversation_id)} order by d.is_active is 0, p.joined_at, p.user_id limit 1)`;
