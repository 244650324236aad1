import type { Variable } from "./variable.ts";
import { variables } from "./variables.ts";

/** The text of `.env.example`: every variable, what it is for, what it takes and its default. */
export function envExample(): string {
  const head = [
    "# Every variable that Stoa reads, with its default. Copy this file to .env and change what you need.",
    "# Made by: bun run env",
  ];
  const blocks = Object.entries<Variable>(variables).map(([name, variable]) =>
    [
      `# ${variable.about}`,
      `# Takes ${variable.takes}. Default: ${variable.fallback ?? variable.otherwise}.`,
      `# ${name}=${quoted(variable.fallback ?? "")}`,
    ].join("\n"),
  );
  return `${[head.join("\n"), ...blocks].join("\n\n")}\n`;
}

function quoted(text: string): string {
  return /[\s<>#]/.test(text) ? `"${text}"` : text;
}
