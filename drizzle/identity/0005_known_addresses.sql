-- An event for each user whose address was verified before events carried it: other services learn of it by that alone.
insert into journal (event_id, type, aggregate_id, time, data)
select substr(made.ms, 1, 8) || '-' || substr(made.ms, 9) || '-7' || substr(lower(hex(randomblob(2))), 2) || '-' ||
  substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))),
  'user.email_known', users.id, made.time, json_object('user_id', users.id, 'email', users.email)
from users, (select printf('%012x', cast(unixepoch('subsec') * 1000 as integer)) as ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now') as time) as made
where users.email_verified = 1 and users.email is not null
order by users.id;
