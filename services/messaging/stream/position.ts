/** A position of a stream: a journal, and a `seq` in it. */
export interface Position {
  readonly journal: string;
  readonly seq: number;
}

/** A position as event ids show it: the first eight hex digits of the journal's id, and the `seq`. */
export function formatPosition({ journal, seq }: Position): string {
  return `${journal}-${seq}`;
}

/** Reads a position; undefined for a text that is not one. */
export function parsePosition(text: string): Position | undefined {
  const [, journal, seq] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(text) ?? [];
  return journal === undefined ? undefined : { journal, seq: Number(seq) };
}

/** The name of a journal in positions. */
export function journalName(journal_id: string): string {
  return journal_id.slice(0, 8);
}
