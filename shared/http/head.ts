import { Readdressed } from "./older.ts";

/**
 * A HEAD as the GET whose body is not sent. Elysia's own HEAD reads a whole stream to measure it, and says of an
 * answer without a body that its length is 0.
 */
export class HeadAsGet extends Request {
  constructor(readonly received: Request) {
    super(received, { method: "GET" });
  }
}

/** The request as it came. */
export function receivedOf(request: Request): Request {
  return request instanceof HeadAsGet || request instanceof Readdressed ? receivedOf(request.received) : request;
}

/**
 * The answer without its body, whose length it still says (RFC 9110, section 8.6) where it is JSON or a page: a stream
 * or a file is not made only to be measured. Of those it says that they come in chunks, as Bun would say 0 by itself.
 */
export async function withoutBody(response: Response): Promise<Response> {
  const { status, headers } = response;
  const file = headers.has("content-disposition");
  if (!file && /json|html/.test(headers.get("content-type") ?? "")) {
    headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  } else if (response.body !== null) {
    await response.body.cancel();
    if (!headers.has("content-length")) headers.set("transfer-encoding", "chunked");
  }
  return new Response(null, { status, headers });
}
