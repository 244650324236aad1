/** How a stream of text may end early. */
export interface Endings {
  /** Aborted when open streams are to end. */
  readonly closing?: AbortSignal | undefined;
  /** Told of the error that cut it off. */
  readonly failed: (error: unknown) => void;
}

/**
 * A web stream of text that is made as it is read: nothing is made ahead, and a reader who goes away ends the making. An
 * error, or the closing of the server, cuts the stream off, so that what has arrived does not look complete. It is cut
 * off without the error, which Bun would print.
 *
 * @param pieces of the text
 */
export function textStream(pieces: AsyncGenerator<string>, { closing, failed }: Endings): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const over = new AbortController();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const cut = () => controller.error();
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
          failed(error);
          controller.error();
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
