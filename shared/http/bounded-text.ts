/**
 * Reads the body of another server's response as UTF-8, and no further than it may be long.
 *
 * @param most bytes
 * @throws Error when it is longer, or not UTF-8; its message holds nothing of the body
 */
export async function boundedText(response: Response, most: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = response.body?.getReader();
  let text = "";
  let size = 0;
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) return text + decoder.decode();
    size += chunk.value.byteLength;
    if (size > most) {
      await reader?.cancel();
      throw new Error(`The answer is larger than ${most} bytes.`);
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
}

/** The value of JSON text; undefined for what is none. The parser's message is dropped, since it may quote the text. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
