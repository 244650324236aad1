import type { SchemaSql } from "@stoa/db/migrations";

/**
 * What is done when the object of a notification is out of reach whose mail still waits: the mail goes, and what else it told
 * of is due again, as if there had been none that day. One that is being delivered is not tried again, but may have come.
 *
 * @param row `old` or `new`
 */
const unmailed = (row: "old" | "new") => `
  update notifications set mail_id = null, mail_at = case when hidden_by is null then ${row}.created_at end
    where mail_id = ${row}.mail_id
      and exists (select 1 from mails where id = ${row}.mail_id and status = 'waiting' and lease is null);
  delete from mail_digests where user_id = ${row}.user_id and mail_id = ${row}.mail_id
    and exists (select 1 from mails where id = ${row}.mail_id and status = 'waiting' and lease is null);
  delete from mails where id = ${row}.mail_id and status = 'waiting';
end`;

/** That a mail which waits tells of nothing that its reader may not see any more, whoever withdraws or hides it. */
export const digestTriggers: SchemaSql = {
  up: [
    `create trigger notifications_withdrawn after delete on notifications when old.mail_id is not null begin${unmailed("old")}`,
    `create trigger notifications_hiding after update of hidden_by on notifications
  when old.hidden_by is null and new.hidden_by is not null and new.mail_id is not null begin${unmailed("new")}`,
  ],
  down: ["drop trigger notifications_hiding", "drop trigger notifications_withdrawn"],
};
