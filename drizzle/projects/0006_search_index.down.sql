drop trigger tasks_search_update;
--> statement-breakpoint
drop trigger tasks_search_delete;
--> statement-breakpoint
drop trigger tasks_search_insert;
--> statement-breakpoint
drop table tasks_substrings;
--> statement-breakpoint
drop table tasks_words;
--> statement-breakpoint
drop view tasks_search;
--> statement-breakpoint
create virtual table tasks_text using fts5(title, description, content='tasks', content_rowid='row', tokenize='trigram');
--> statement-breakpoint
create trigger tasks_text_insert after insert on tasks begin insert into tasks_text (rowid, title, description) values (new.row, new.title, new.description); end;
--> statement-breakpoint
create trigger tasks_text_delete after delete on tasks begin insert into tasks_text (tasks_text, rowid, title, description) values ('delete', old.row, old.title, old.description); end;
--> statement-breakpoint
create trigger tasks_text_update after update of title, description on tasks
when old.title is not new.title or old.description is not new.description begin insert into tasks_text (tasks_text, rowid, title, description) values ('delete', old.row, old.title, old.description); insert into tasks_text (rowid, title, description) values (new.row, new.title, new.description); end;
--> statement-breakpoint
insert into tasks_text (tasks_text) values ('rebuild');
