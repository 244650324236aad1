import { defused } from "./defuse.ts";

/** What a mail says. */
export interface Content {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail in words; paragraphs are plain text. */
export interface Words {
  readonly subject: string;
  /** The name that it greets; none when null. */
  readonly name: string | null;
  readonly paragraphs: readonly string[];
  /** The page to open, and the token that it proves. */
  readonly link?: { readonly page: Page; readonly token: string };
  /** The paragraphs after the link. */
  readonly closing: readonly string[];
}

/** Pages at `PUBLIC_URL`: ours (`pages/`), or those of a client of Stoa that is served there. */
export type Page = "verify-email" | "reset-password" | "accept-invitation" | "undo-email";

/**
 * Writes a mail: plain text, and the same as simple HTML. It loads nothing from anywhere, so nobody learns whether it
 * was read.
 *
 * The token comes after `#`, which browsers do not send: it appears in no log of a server or proxy.
 *
 * @param public_url begins the link, without a slash at the end
 */
export function compose(public_url: string, { subject, name, paragraphs, link, closing }: Words): Content {
  const greeting = name === null ? "Hello," : `Hello ${defused(name)},`;
  const url = link && `${public_url}/${link.page}#token=${link.token}`;
  const before = [greeting, ...paragraphs];
  const code = link ? [`If you are asked for a code, it is ${link.token}`] : [];
  const after = [...code, ...closing];
  const linked = url === undefined ? [] : [`<p><a href="${escaped(url)}">${escaped(url)}</a></p>`];
  return {
    subject,
    text: `${[...before, ...(url === undefined ? [] : [url]), ...after].join("\n\n")}\n`,
    html: [
      "<!doctype html>",
      `<html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head><body>`,
      ...before.map(paragraph),
      ...linked,
      ...after.map(paragraph),
      "</body></html>",
      "",
    ].join("\n"),
  };
}

function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}
