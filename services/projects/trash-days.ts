/** How long projects and tasks stay in the trash before they go for good. */
export const TRASH_DAYS = 30;

/** What came to the trash at this time or before is due to go for good. @returns RFC 3339 */
export function trashedLongAgo(now: Date): string {
  return new Date(now.getTime() - TRASH_DAYS * 86_400_000).toISOString();
}
