import type { Result } from "./measurement.ts";

/** Formats results as a table. */
export function table(results: readonly Result[]): string {
  const rows = results.map(({ name, ratio, numbers, bound, met }) => [
    name,
    ratio === null ? "" : ratio.toFixed(2),
    bound === null ? "" : `${bound}: ${met ? "met" : "MISSED"}`,
    Object.entries(numbers)
      .map(([what, value]) => `${what} ${short(value)}`)
      .join(", "),
  ]);
  const lines = [["measurement", "ratio", "bound", "numbers"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2).replace(/\.?0+$/, "");
}
