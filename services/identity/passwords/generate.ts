/** Makes a password: 120 bits in letters and digits that are not taken for one another, in groups of six. */
export function generatePassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789x";
  const picked = [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => letters[byte % 32]);
  return [0, 6, 12, 18].map((from) => picked.slice(from, from + 6).join("")).join("-");
}
