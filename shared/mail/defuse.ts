const LONGEST = 80;

/**
 * A name that somebody chose, as it may stand in a mail to a stranger: one line, and nothing that a mail program makes a link
 * of, neither a URL nor a domain nor an address.
 */
export function defused(name: string): string {
  const plain = name
    .normalize("NFKC")
    .replace(/[\s\p{C}]+/gu, " ")
    .replace(/[:/\\]{2,}|[/\\@]/g, " ")
    .replace(/(?<=[\p{L}\p{N}_-])[.。]+(?=[\p{L}\p{N}])/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  const letters = [...plain];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}…` : plain;
}
