/** The lines of a text, one at a time. */
export function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    yield end === -1 ? text.slice(start) : text.slice(start, end);
    start = end === -1 ? text.length : end + 1;
  }
}

/** Characters of the longest line of a user. */
const LONGEST = 65_536;

/**
 * The lines of a stream of UTF-8, one at a time, whatever its size. What is not UTF-8 becomes U+FFFD.
 *
 * @param chunks a file, say
 * @param longest characters of the longest line; a longer one is cut, and then refused as invalid JSON
 */
export async function* linesIn(chunks: AsyncIterable<Uint8Array>, longest = LONGEST): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n");
    if (end !== -1) yield* linesOf(text.slice(0, end + 1));
    rest = text.slice(end + 1).slice(0, longest);
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
