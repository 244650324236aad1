import { type Content, compose } from "@stoa/mail/compose";
import { defused } from "@stoa/mail/defuse";
import type { Notification } from "../notifications/schema.ts";

/** A notification as a mail tells of it. */
export interface Told {
  readonly kind: Notification["kind"];
  readonly object_title: string;
  /** Who did it; null: Stoa itself, or someone unknown. */
  readonly actor_name: string | null;
}

/** A mail names so many notifications; the others it counts. */
const NAMED = 20;

/**
 * Writes the mail about notifications of one topic. Names and titles are made harmless: whoever chose them may be a stranger
 * to the reader.
 *
 * @param public_url where the reader finds more, without a slash at the end
 */
export function digestMail(public_url: string, name: string | null, told: readonly Told[]): Content {
  const lines = told.map(sentence);
  const [first = ""] = lines;
  const [{ object_title } = { object_title: "" }] = told;
  const more = lines.length - NAMED;
  return compose(public_url, {
    subject: lines.length === 1 ? first.replace(/\.$/, "") : `${lines.length} notifications: ${defused(object_title)}`,
    name,
    paragraphs: [...lines.slice(0, NAMED), ...(more > 0 ? [`And ${more} more.`] : [])],
    closing: [
      `Read more at ${public_url}`,
      "You chose to be mailed of this, at most once a day about the same. Your notification preferences change that.",
    ],
  });
}

function sentence({ kind, object_title, actor_name }: Told): string {
  const who = actor_name === null ? "Someone" : defused(actor_name);
  const what = defused(object_title);
  switch (kind) {
    case "assigned":
      return `${who} assigned you to the task ${what}.`;
    case "mentioned":
      return `${who} mentioned you in ${what}.`;
    case "replied":
      return `${who} answered you in ${what}.`;
    case "invited":
      return `${who} invited you to ${what}.`;
    case "added":
      return `${who} added you to ${what}.`;
    case "commented":
      return `${who} wrote about the task ${what}.`;
    case "due_soon":
      return `The task ${what} is due within a day.`;
    case "overdue":
      return `The task ${what} is late.`;
  }
}
