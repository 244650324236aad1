import type { LogLevel } from "./log.ts";

const colours: Readonly<Record<LogLevel, string>> = {
  trace: "\u001b[90m",
  debug: "\u001b[90m",
  info: "\u001b[32m",
  warn: "\u001b[33m",
  error: "\u001b[31m",
};
const dim = "\u001b[2m";
const plain = "\u001b[0m";

/** A log line as JSON has it. */
interface Line {
  readonly level: LogLevel;
  readonly time: string;
  readonly service: string;
  readonly msg: string;
  readonly err?: { readonly stack?: string };
  readonly [name: string]: unknown;
}

/**
 * A log line for people at a terminal: the local time, the level, the message, then the fields; the stack of an error
 * below.
 *
 * @param json one line of the log
 * @param coloured whether levels have colours and fields are dim
 */
export function readableLine(json: string, coloured: boolean): string {
  const { level, time, service, msg, err, ...fields } = JSON.parse(json) as Line;
  const paint = (colour: string, text: string) => (coloured ? `${colour}${text}${plain}` : text);
  const said = Object.entries({ service, ...fields }).map(([name, value]) => `${name}=${wordOf(value)}`);
  const head = [
    paint(dim, new Date(time).toTimeString().slice(0, 8)),
    paint(colours[level], level.toUpperCase().padEnd(5)),
    withoutControls(msg),
    paint(dim, said.join(" ")),
  ].join(" ");
  return err === undefined ? `${head}\n` : `${head}\n${indented(err.stack ?? JSON.stringify(err))}\n`;
}

/** A destination of log lines that makes each readable; see {@link readableLine}. */
export function readableLines(to: { write(line: string): void }, coloured: boolean): { write(json: string): void } {
  return { write: (json) => to.write(readableLine(json, coloured)) };
}

/** A longer list is shown by its ends: the migrations of a first start would fill the screen. */
const SHOWN = 6;

function wordOf(value: unknown): string {
  if (Array.isArray(value) && value.length > SHOWN) {
    return `[${wordOf(value.at(0))}, … ${value.length - 2} more …, ${wordOf(value.at(-1))}]`;
  }
  if (typeof value === "string" && /^[^\s"=\p{Cc}]+$/u.test(value)) return value;
  return JSON.stringify(value);
}

/** What comes from outside must not move the cursor of the terminal. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${withoutControls(line)}`)
    .join("\n");
}
