/** What is needed of an event to number it. */
interface Numbered {
  readonly type: string;
  readonly aggregate_id: unknown;
  readonly data: object;
}

/**
 * Tasks of one project that are completed together know of each other, so that they need be announced only once: each
 * event gets its position among them, from 1, and how many they are.
 */
export function numberCompletions<E extends Numbered>(events: readonly E[]): E[] {
  const completed = Map.groupBy(
    events.filter(({ type }) => type === "task.completed"),
    ({ aggregate_id }) => aggregate_id,
  );
  return events.map((event) => {
    const together = completed.get(event.aggregate_id) ?? [];
    const position = together.indexOf(event) + 1;
    if (position === 0 || together.length === 1) return event;
    return { ...event, data: { ...event.data, batch: { position, size: together.length } } };
  });
}
