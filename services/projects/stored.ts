/** How the value of a field stands in its row: a list as JSON, everything else as it is. */
export function stored(value: unknown): string | number | null {
  return Array.isArray(value) ? JSON.stringify(value) : (value as string | number | null);
}
