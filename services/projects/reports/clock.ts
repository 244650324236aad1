/** How much later than a later event one may have happened; a larger difference means that a clock was wrong. */
const LATEST_MS = 86_400_000;

/**
 * The moment from which on an event counts: its own, but never before that of the event before it in the journal, so
 * that one which is written late (a reaction after an outage, another server's clock) does not change days that are
 * over. An event from more than a day earlier is believed: then it was the clock of the one before that ran ahead.
 *
 * @param time of the event; milliseconds
 * @param previous the moment of the event before it
 */
export function countsFrom(time: number, previous: number): number {
  return time < previous - LATEST_MS ? time : Math.max(time, previous);
}
