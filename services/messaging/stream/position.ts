/**
 * The feeds that a stream is made of, each in an order of its own: what happens in messaging, how far people have read, and
 * what happens in projects.
 */
export const feedNames = ["events", "marks", "work"] as const;
/** The name of a feed. */
export type FeedName = (typeof feedNames)[number];

/** A place in each feed: the last row that was delivered or passed over. The first half of a row ends at `n - 0.5`. */
export type Places = Record<FeedName, number>;

/** Whether two are the same places. */
export function samePlaces(one: Readonly<Places>, other: Readonly<Places>): boolean {
  return one.events === other.events && one.marks === other.marks && one.work === other.work;
}

/** The names of the journals that places are places in; see {@link journalName}. Read marks stand in that of events. */
export interface Journals {
  readonly events: string;
  readonly work: string;
}

/** A position of a stream: a place in each of its feeds. */
export interface Position {
  readonly journals: Journals;
  readonly places: Readonly<Places>;
}

/** The name of a journal of which nothing is known yet. */
export const noJournal = "0";

/** A position as event ids show it. To clients it is opaque. */
export function formatPosition({ journals, places }: Position): string {
  return `${journals.events}-${places.events}-${places.marks}-${journals.work}-${places.work}`;
}

const place = "(\\d{1,15}(?:\\.5)?)";
const pattern = new RegExp(`^([0-9a-f]{8})-${place}-${place}-([0-9a-f]{8}|0)-${place}$`);

/** Reads a position; undefined for a text that is not one. */
export function parsePosition(text: string): Position | undefined {
  const [, events, ...rest] = pattern.exec(text) ?? [];
  const [seq, marks, work, last] = rest;
  if (events === undefined || work === undefined) return undefined;
  return { journals: { events, work }, places: { events: Number(seq), marks: Number(marks), work: Number(last) } };
}

/** The name of a journal in positions. */
export function journalName(journal_id: string): string {
  return journal_id.slice(0, 8);
}
