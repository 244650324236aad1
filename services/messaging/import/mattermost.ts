import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

const Reactions = Type.Optional(
  Type.Union([Type.Array(Type.Object({ user: Type.String(), emoji_name: Type.String() })), Type.Null()]),
);
/** Milliseconds since 1970. The years that follow have five digits, which no time of Stoa has. */
const Milliseconds = Type.Integer({ minimum: 0, maximum: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });
const said = {
  user: Type.String(),
  message: Type.String(),
  create_at: Milliseconds,
  edit_at: Type.Optional(Type.Union([Milliseconds, Type.Null()])),
  is_pinned: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  type: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  reactions: Reactions,
  attachments: Type.Optional(Type.Union([Type.Array(Type.Unknown()), Type.Null()])),
};
const Reply = Type.Object(said);
const Replies = Type.Optional(Type.Union([Type.Array(Reply), Type.Null()]));

/** What is said in a post or a reply. */
export type Said = Static<typeof Reply>;

const Channel = Type.Object({
  team: Type.String(),
  name: Type.String(),
  display_name: Type.Optional(Type.String()),
  deleted_at: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
});
const User = Type.Object({
  username: Type.String(),
  email: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  teams: Type.Optional(
    Type.Union([
      Type.Null(),
      Type.Array(
        Type.Object({
          name: Type.String(),
          channels: Type.Optional(
            Type.Union([
              Type.Null(),
              Type.Array(Type.Object({ name: Type.String(), roles: Type.Optional(Type.String()) })),
            ]),
          ),
        }),
      ),
    ]),
  ),
});
const Members = Type.Array(Type.String(), { minItems: 1 });

const kinds = {
  channel: Channel,
  user: User,
  post: Type.Object({ ...said, team: Type.String(), channel: Type.String(), replies: Replies }),
  direct_channel: Type.Object({ members: Members }),
  direct_post: Type.Object({ ...said, channel_members: Members, replies: Replies }),
} as const;

/** One line of a file for Mattermost's bulk load, as far as Stoa takes it. */
export type Line =
  | { readonly kind: "channel"; readonly key: string; readonly title: string; readonly archived: boolean }
  | {
      readonly kind: "member";
      readonly username: string;
      /** In lower case; null: the file does not say it. */
      readonly email: string | null;
      readonly in: readonly Membership[];
    }
  | { readonly kind: "direct"; readonly key: string; readonly members: readonly string[] }
  | { readonly kind: "post"; readonly key: string; readonly post: Said; readonly replies: readonly Said[] }
  | { readonly kind: "other"; readonly what: string };

/** That someone is in a channel. */
export interface Membership {
  readonly key: string;
  readonly admin: boolean;
}

/** What a channel is called in a file: its team and name. */
const channelKey = (team: string, name: string) => `${team}/${name}`.toLowerCase();

/** A direct channel has no name; its members tell it from others. */
const directKey = (members: readonly string[]) =>
  `@${[...new Set(members.map((name) => name.toLowerCase()))].toSorted().join(",")}`;

/**
 * Reads a line of Mattermost's bulk-loading format, whose fields are far more than these: what Stoa has no place for is
 * `other`. Source: Mattermost, "Bulk loading data", data format version 1.
 *
 * @throws Error that says what is wrong with it
 */
export function readLine(text: string): Line {
  const line = parsed(text);
  const { type } = line;
  if (typeof type !== "string") throw new Error("It has no type.");
  if (type === "version" && line["version"] !== 1) throw new Error("Stoa reads version 1 of the format.");
  switch (type) {
    case "channel": {
      const { team, name, display_name = "", deleted_at } = the("channel", line);
      return {
        kind: "channel",
        key: channelKey(team, name),
        title: display_name.trim() || name,
        archived: !!deleted_at,
      };
    }
    case "user": {
      const { username, email, teams } = the("user", line);
      const channels = (teams ?? []).flatMap((team) =>
        (team.channels ?? []).map(({ name, roles = "" }) => ({
          key: channelKey(team.name, name),
          admin: roles.split(/\s+/).includes("channel_admin"),
        })),
      );
      return { kind: "member", username: username.toLowerCase(), email: email || null, in: channels };
    }
    case "direct_channel": {
      const { members } = the("direct_channel", line);
      return { kind: "direct", key: directKey(members), members: members.map((name) => name.toLowerCase()) };
    }
    case "post": {
      const { team, channel, replies, ...post } = the("post", line);
      return { kind: "post", key: channelKey(team, channel), post, replies: replies ?? [] };
    }
    case "direct_post": {
      const { channel_members, replies, ...post } = the("direct_post", line);
      return { kind: "post", key: directKey(channel_members), post, replies: replies ?? [] };
    }
    default:
      return { kind: "other", what: type };
  }
}

function parsed(text: string): Record<string, unknown> {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    throw new Error("It is not JSON.", { cause: error });
  }
  if (typeof line !== "object" || line === null || Array.isArray(line)) throw new Error("It is not a JSON object.");
  return line as Record<string, unknown>;
}

function the<K extends keyof typeof kinds>(kind: K, line: Record<string, unknown>): Static<(typeof kinds)[K]> {
  const schema: TSchema = kinds[kind];
  const value = line[kind];
  if (Value.Check(schema, value)) return value as Static<(typeof kinds)[K]>;
  const [fault] = Value.Errors(schema, value);
  throw new Error(`${kind}${fault?.path.replaceAll("/", ".") ?? ""} is not as the format says.`);
}
