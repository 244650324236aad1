import { derivedId } from "@stoa/db";

/** Where something comes from: the other system's name, as the import was told it. */
export interface Origin {
  readonly source: string;
  /** The channel, as the file names it. */
  readonly key: string;
}

/** The id of an imported group: the same for each import of the same channel from the same source. */
export function importedGroup({ source, key }: Origin): string {
  return at(0, `group ${JSON.stringify([source, key])}`);
}

/**
 * The id of an imported message, with the time at which it was sent. Mattermost tells posts apart by the same: channel,
 * user, time and text.
 */
export function importedMessage({ source, key }: Origin, said: { user: string; at: number; message: string }): string {
  return at(said.at, `message ${JSON.stringify([source, key, said.user.toLowerCase(), said.message])}`);
}

function at(ms: number, label: string): string {
  const hex = ms.toString(16).padStart(12, "0");
  return derivedId(`${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`, label);
}
