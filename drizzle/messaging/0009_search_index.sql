update messages set row = rowid where row is null;
--> statement-breakpoint
create trigger messages_row after insert on messages when new.row is null begin
  update messages set row = (select coalesce(max(row), 0) + 1 from messages) where id = new.id;
end;
--> statement-breakpoint
create view messages_search (row, text) as select row, coalesce(nullif(folded, ''), lower(coalesce(content, ''))) from messages where folded is not null;
--> statement-breakpoint
create virtual table messages_words using fts5(text, content='messages_search', content_rowid='row', columnsize=0, detail=none, prefix='1 2', tokenize='unicode61 remove_diacritics 0');
--> statement-breakpoint
create virtual table messages_substrings using fts5(text, content='messages_search', content_rowid='row', columnsize=0, tokenize='trigram case_sensitive 1');
--> statement-breakpoint
insert into messages_words (messages_words, rank) values ('secure-delete', 1);
--> statement-breakpoint
insert into messages_substrings (messages_substrings, rank) values ('secure-delete', 1);
--> statement-breakpoint
create trigger messages_search_insert after insert on messages begin
  insert into messages_words (rowid, text) select new.row, coalesce(nullif(new.folded, ''), lower(coalesce(new.content, ''))) where new.folded is not null;
  insert into messages_substrings (rowid, text) select new.row, coalesce(nullif(new.folded, ''), lower(coalesce(new.content, ''))) where new.folded is not null;
end;
--> statement-breakpoint
create trigger messages_search_delete after delete on messages begin
  insert into messages_words (messages_words, rowid, text)
    select 'delete', old.row, coalesce(nullif(old.folded, ''), lower(coalesce(old.content, ''))) where old.folded is not null;
  insert into messages_substrings (messages_substrings, rowid, text)
    select 'delete', old.row, coalesce(nullif(old.folded, ''), lower(coalesce(old.content, ''))) where old.folded is not null;
end;
--> statement-breakpoint
create trigger messages_search_update after update of content, folded on messages
when old.content is not new.content or old.folded is not new.folded begin
  insert into messages_words (messages_words, rowid, text)
    select 'delete', old.row, coalesce(nullif(old.folded, ''), lower(coalesce(old.content, ''))) where old.folded is not null;
  insert into messages_substrings (messages_substrings, rowid, text)
    select 'delete', old.row, coalesce(nullif(old.folded, ''), lower(coalesce(old.content, ''))) where old.folded is not null;
  insert into messages_words (rowid, text) select new.row, coalesce(nullif(new.folded, ''), lower(coalesce(new.content, ''))) where new.folded is not null;
  insert into messages_substrings (rowid, text) select new.row, coalesce(nullif(new.folded, ''), lower(coalesce(new.content, ''))) where new.folded is not null;
end;
