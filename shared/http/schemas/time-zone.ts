import { Kind, type SchemaOptions, type TUnsafe, Type, TypeRegistry } from "@sinclair/typebox";

/** The longest name that is looked at; the longest in the IANA database has 32 characters. */
const longestZone = 64;

/** Whether a text names a time zone of the IANA database that this runtime knows; an offset does not. */
function isTimeZone(text: string): boolean {
  if (text.length > longestZone || !/^[A-Za-z]/.test(text)) return false;
  try {
    return Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}

TypeRegistry.Set("StoaTimeZone", (_, value) => typeof value === "string" && isTimeZone(value));

/** A time zone by its name in the IANA database: `Europe/Berlin`. */
export function TimeZone(options: SchemaOptions = {}): TUnsafe<string> {
  const schema = { ...options, type: "string", minLength: 1, maxLength: longestZone, message: "This is no time zone." };
  return { ...Type.Unsafe<string>(schema), [Kind]: "StoaTimeZone" } as TUnsafe<string>;
}
