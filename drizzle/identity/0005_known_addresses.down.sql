-- Events stay in the journal: others have read them.
select 1;
