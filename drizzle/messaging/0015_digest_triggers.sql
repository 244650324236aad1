create trigger notifications_withdrawn after delete on notifications when old.mail_id is not null begin
  update notifications set mail_id = null, mail_at = case when hidden_by is null then old.created_at end
    where mail_id = old.mail_id
      and exists (select 1 from mails where id = old.mail_id and status = 'waiting' and lease is null);
  delete from mail_digests where user_id = old.user_id and mail_id = old.mail_id
    and exists (select 1 from mails where id = old.mail_id and status = 'waiting' and lease is null);
  delete from mails where id = old.mail_id and status = 'waiting';
end;
--> statement-breakpoint
create trigger notifications_hiding after update of hidden_by on notifications
  when old.hidden_by is null and new.hidden_by is not null and new.mail_id is not null begin
  update notifications set mail_id = null, mail_at = case when hidden_by is null then new.created_at end
    where mail_id = new.mail_id
      and exists (select 1 from mails where id = new.mail_id and status = 'waiting' and lease is null);
  delete from mail_digests where user_id = new.user_id and mail_id = new.mail_id
    and exists (select 1 from mails where id = new.mail_id and status = 'waiting' and lease is null);
  delete from mails where id = new.mail_id and status = 'waiting';
end;
