drop trigger messages_search_update;
--> statement-breakpoint
drop trigger messages_search_delete;
--> statement-breakpoint
drop trigger messages_search_insert;
--> statement-breakpoint
drop table messages_substrings;
--> statement-breakpoint
drop table messages_words;
--> statement-breakpoint
drop view messages_search;
--> statement-breakpoint
drop trigger messages_row;
