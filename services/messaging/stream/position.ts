/** Where a stream is: a `seq` of a journal, and which journal. */
export interface Position {
  readonly journal: string;
  readonly seq: number;
}

/** A position as event ids show it: the first eight hex digits of the journal's id, and the `seq`. */
export function formatPosition({ journal, seq }: Position): string {
  return `${journal}-${seq}`;
}

/** Reads a position; undefined for what is none. */
export function parsePosition(text: string): Position | undefined {
  const [, journal, seq] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(text) ?? [];
  return journal === undefined ? undefined : { journal, seq: Number(seq) };
}

/** How positions name a journal. */
export function journalName(journal_id: string): string {
  return journal_id.slice(0, 8);
}
