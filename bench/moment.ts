/** The present time in milliseconds since 1970, with fractions; comparable between the processes of a machine. */
export function moment(): number {
  return performance.timeOrigin + performance.now();
}
