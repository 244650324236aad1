import type { Part } from "@stoa/journal";

/**
 * Names to try one after the other, each with the part of a command that it is free. Only the part of the last one says
 * why it refuses: when another is taken, the next is tried.
 *
 * @param free makes the part for a name
 */
export function candidates(names: Iterable<string>, free: (name: string) => Part): (readonly [string, Part])[] {
  const all = [...names];
  return all.map((name, index) => [name, index === all.length - 1 ? free(name) : withoutReason(free(name))] as const);
}

/** The same part without an explanation: when it refuses, the command is decided anew. */
export function withoutReason({ why: _, ...part }: Part): Part {
  return part;
}
