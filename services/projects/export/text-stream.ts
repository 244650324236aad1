/**
 * A web stream of text that is made as it is read: nothing is made ahead, and a reader who goes away ends the making. An
 * error, or the closing of the server, cuts the stream off, so that what has arrived does not look complete.
 *
 * @param pieces of the text
 * @param closing aborted when open streams are to end
 */
export function textStream(pieces: AsyncGenerator<string>, closing?: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const over = new AbortController();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const cut = () => controller.error(closing?.reason);
        if (closing?.aborted) cut();
        // At once, since a client who has stopped reading asks for nothing more.
        closing?.addEventListener("abort", cut, { signal: over.signal });
      },
      pull: async (controller) => {
        try {
          const { done, value } = await pieces.next();
          if (closing?.aborted) return;
          if (!done) return controller.enqueue(encoder.encode(value));
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        over.abort();
      },
      cancel: async () => {
        over.abort();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
