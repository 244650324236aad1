/** The day of the calendar that it is in a time zone: `2026-11-20`. @param timezone a name of the IANA database */
export function dayIn(timezone: string, moment: Date): string {
  const format = Intl.DateTimeFormat("en", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" });
  const parts = format.formatToParts(moment);
  const part = (type: "year" | "month" | "day") => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}
