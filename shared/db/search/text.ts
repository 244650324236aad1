import { fold, isPlain, spaced } from "./fold.ts";

/**
 * What the column `folded` of a searched table holds: the parts as the index has them, one below the other, so that
 * nothing is found that begins in one and ends in the next. Empty for most texts: where all is ASCII, SQL itself makes the
 * same of the columns, and nothing is stored twice. Whoever writes one of the columns writes this in the same statement.
 *
 * @param parts the searched columns, in the order of the index
 */
export function foldedText(parts: readonly (string | null)[]): string {
  if (parts.every((part) => part === null || isPlain(part))) return "";
  return parts.map((part) => spaced(fold(part ?? ""))).join("\n");
}

/** The same in SQL of a row whose texts are folded: `prefix` is `new.`, `old.` or empty. */
export function indexedSql(columns: readonly string[], prefix: string): string {
  const plain = columns.map((column) => `lower(coalesce(${prefix}${column}, ''))`).join(" || char(10) || ");
  return `coalesce(nullif(${prefix}folded, ''), ${plain})`;
}
