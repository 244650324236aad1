import { type Static, Type } from "@sinclair/typebox";
import { Nullable, OneOf, Text, TimeZone } from "@stoa/http";
import { kinds } from "../notifications/kinds.ts";

const channels = ["in_app", "email", "none"] as const;
/** How a user is notified. */
export type Channel = (typeof channels)[number];

const Clock = (description: string) =>
  Text({
    max: 5,
    pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
    description,
    message: "Use hours and minutes, as 22:00.",
  });

const quiet = {
  from: Clock("When they begin, by the clock of `tz`: `22:00`."),
  to: Clock("When they end; before `from` means on the next day."),
  tz: TimeZone({ description: "The user's time zone by its IANA name: `Europe/Berlin`." }),
};

const QuietHours = Type.Object(quiet, { title: "QuietHours", description: "Nothing is mailed in them." });
/** The hours in which nothing is mailed to a user. */
export type QuietHours = Static<typeof QuietHours>;

/** The kinds, each with a schema. */
const each = <T>(schema: T) =>
  Object.fromEntries(kinds.map((kind) => [kind, schema])) as Record<(typeof kinds)[number], T>;

const described = { description: "`email` includes `in_app`; `none`: you are not notified of this kind." };

/** How a user is notified of what. */
export const Preferences = Type.Object(
  {
    kinds: Type.Object(each(OneOf(channels, described)), { title: "NotificationChannels" }),
    quiet_hours: Nullable(QuietHours),
  },
  { title: "NotificationPreferences" },
);
/** How a user is notified of what. */
export type Preferences = Static<typeof Preferences>;

/** Body of PATCH and PUT /notifications/preferences: a merge patch, of what is inside too. */
export const PreferencesPatch = Type.Object(
  {
    kinds: Type.Optional(
      Type.Object(
        each(
          Type.Optional(
            Nullable(OneOf(channels, { ...described, description: "Null: as for those who never chose." })),
          ),
        ),
        { title: "NotificationChannelsPatch" },
      ),
    ),
    quiet_hours: Type.Optional(
      Nullable(
        Type.Object(
          { from: Type.Optional(quiet.from), to: Type.Optional(quiet.to), tz: Type.Optional(quiet.tz) },
          { title: "QuietHoursPatch", description: "Null: there are none." },
        ),
      ),
    ),
  },
  { title: "NotificationPreferencesPatch" },
);
/** A change of preferences. */
export type PreferencesPatch = Static<typeof PreferencesPatch>;
