drop trigger tasks_text_update;
--> statement-breakpoint
drop trigger tasks_text_delete;
--> statement-breakpoint
drop trigger tasks_text_insert;
--> statement-breakpoint
drop table tasks_text;
--> statement-breakpoint
create view tasks_search (row, text) as select row, coalesce(nullif(folded, ''), lower(coalesce(title, '')) || char(10) || lower(coalesce(description, ''))) from tasks where folded is not null;
--> statement-breakpoint
create virtual table tasks_words using fts5(text, content='tasks_search', content_rowid='row', columnsize=0, detail=none, prefix='1 2', tokenize='unicode61 remove_diacritics 0');
--> statement-breakpoint
create virtual table tasks_substrings using fts5(text, content='tasks_search', content_rowid='row', columnsize=0, tokenize='trigram case_sensitive 1');
--> statement-breakpoint
insert into tasks_words (tasks_words, rank) values ('secure-delete', 1);
--> statement-breakpoint
insert into tasks_substrings (tasks_substrings, rank) values ('secure-delete', 1);
--> statement-breakpoint
create trigger tasks_search_insert after insert on tasks begin
  insert into tasks_words (rowid, text) select new.row, coalesce(nullif(new.folded, ''), lower(coalesce(new.title, '')) || char(10) || lower(coalesce(new.description, ''))) where new.folded is not null;
  insert into tasks_substrings (rowid, text) select new.row, coalesce(nullif(new.folded, ''), lower(coalesce(new.title, '')) || char(10) || lower(coalesce(new.description, ''))) where new.folded is not null;
end;
--> statement-breakpoint
create trigger tasks_search_delete after delete on tasks begin
  insert into tasks_words (tasks_words, rowid, text)
    select 'delete', old.row, coalesce(nullif(old.folded, ''), lower(coalesce(old.title, '')) || char(10) || lower(coalesce(old.description, ''))) where old.folded is not null;
  insert into tasks_substrings (tasks_substrings, rowid, text)
    select 'delete', old.row, coalesce(nullif(old.folded, ''), lower(coalesce(old.title, '')) || char(10) || lower(coalesce(old.description, ''))) where old.folded is not null;
end;
--> statement-breakpoint
create trigger tasks_search_update after update of title, description, folded on tasks
when old.title is not new.title or old.description is not new.description or old.folded is not new.folded begin
  insert into tasks_words (tasks_words, rowid, text)
    select 'delete', old.row, coalesce(nullif(old.folded, ''), lower(coalesce(old.title, '')) || char(10) || lower(coalesce(old.description, ''))) where old.folded is not null;
  insert into tasks_substrings (tasks_substrings, rowid, text)
    select 'delete', old.row, coalesce(nullif(old.folded, ''), lower(coalesce(old.title, '')) || char(10) || lower(coalesce(old.description, ''))) where old.folded is not null;
  insert into tasks_words (rowid, text) select new.row, coalesce(nullif(new.folded, ''), lower(coalesce(new.title, '')) || char(10) || lower(coalesce(new.description, ''))) where new.folded is not null;
  insert into tasks_substrings (rowid, text) select new.row, coalesce(nullif(new.folded, ''), lower(coalesce(new.title, '')) || char(10) || lower(coalesce(new.description, ''))) where new.folded is not null;
end;
