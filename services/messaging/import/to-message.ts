import { controlsButLines, visible } from "@stoa/http/characters";
import { withoutLongRuns } from "@stoa/http/marks";
import { emojiNamed } from "./emoji-names.ts";
import type { Said } from "./mattermost.ts";
import type { ImportedMessage } from "./write-messages.ts";

/** Counts what is not carried over. */
export type Lose = (what: string) => void;

/** The most code points of a message, and the most kinds of reaction to one. */
const most = { content: 16_000, emoji: 50 };

const controls = new RegExp(controlsButLines, "g");

/** Why a post is not carried over; undefined: it is. @param users ids by username */
export function notCarried(said: Said, users: ReadonlyMap<string, string>): string | undefined {
  if (said.type?.startsWith("system_")) return "system posts";
  if (!visible.test(said.message)) return "posts without text";
  return users.has(said.user.toLowerCase()) ? undefined : "posts of unknown users";
}

/**
 * A post as a message.
 *
 * @param users ids by username, its author's among them
 * @param parent_id the message that it answers, if that was carried over
 */
export function toMessage(
  id: string,
  said: Said,
  users: ReadonlyMap<string, string>,
  parent_id: string | null,
  lose: Lose,
): ImportedMessage {
  const { create_at, edit_at } = said;
  for (const _ of said.attachments ?? []) lose("attachments");
  return {
    id,
    sender_id: users.get(said.user.toLowerCase()) ?? "",
    content: contentOf(said.message, lose),
    parent_id,
    created_at: timeOf(create_at),
    edited_at: edit_at && edit_at > create_at ? timeOf(edit_at) : null,
    is_pinned: said.is_pinned === true,
    reactions: reactionsOf(said, users, lose),
  };
}

function contentOf(message: string, lose: Lose): string {
  const said = message.toWellFormed().replace(controls, "");
  // Normalizing a long run takes quadratic time.
  const bearable = withoutLongRuns(said);
  if (bearable !== said) lose("posts' combining marks beyond 30 in a row");
  const text = bearable.normalize("NFC");
  if (text.length <= most.content) return text;
  const points = [...text];
  if (points.length <= most.content) return text;
  lose("ends of posts that are longer than 16,000 characters");
  return points.slice(0, most.content).join("");
}

function reactionsOf(said: Said, users: ReadonlyMap<string, string>, lose: Lose): ImportedMessage["reactions"] {
  const kinds = new Set<string>();
  return (said.reactions ?? []).flatMap(({ user, emoji_name }) => {
    const [user_id, emoji] = [users.get(user.toLowerCase()), emojiNamed(emoji_name)];
    if (user_id === undefined) return lost("reactions of unknown users");
    if (emoji === undefined || (!kinds.has(emoji) && kinds.size === most.emoji)) {
      return lost("reactions by emoji that Stoa does not know");
    }
    kinds.add(emoji);
    return [{ user_id, emoji }];
  });

  function lost(what: string): [] {
    lose(what);
    return [];
  }
}

const timeOf = (ms: number) => new Date(ms).toISOString();
