/** What a command was called with that imports one file. */
interface ImportCall {
  readonly command: string | undefined;
  readonly path: string | undefined;
  readonly more: readonly string[];
  readonly source: string | undefined;
}

/** What is wrong with the arguments of an import, in a line; an empty text for a call without any, undefined for none. */
export function misused({ command, path, more, source }: ImportCall): string | undefined {
  if (!command) return "";
  if (command !== "import") return `There is no command ${command}.`;
  if (path === undefined || more.length > 0) return "Name one file to import.";
  return source ? undefined : "Name the other system with --source, the same for each import of it.";
}
