/** Bytes of one line at most; longer ones are no part of a chat's stream. */
const LONGEST_LINE = 1024 * 1024;

/** A stream that is not what it says it is. The message says how, without any of its contents. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/**
 * The data of the events of a stream, one after the other; an event that is cut off at the end is left out.
 *
 * Source: HTML Living Standard, section 9.2.6 (interpreting an event stream).
 *
 * @param heard called whenever bytes arrive
 * @throws ProtocolError for a line without an end
 */
export async function* serverSentData(
  body: AsyncIterable<Uint8Array>,
  heard: () => void,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  for await (const bytes of body) {
    heard();
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) throw new ProtocolError("A line of the stream has no end.");
    for (const line of lines) {
      const value = /^data(?:: ?|$)(.*)$/s.exec(line)?.[1];
      if (value !== undefined) data.push(value);
      else if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      }
    }
  }
}
