import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

/** A mail as a server took it. */
export interface Received {
  readonly to: readonly string[];
  readonly from: string;
  readonly mail: Email;
  readonly source: string;
}

/** A real SMTP server on 127.0.0.1. */
export interface TestSmtp extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** What it answers to a recipient instead of taking the mail: a status such as 550; null takes it. */
  refusal: { status: number } | null;
}

/** Starts one. @param port a free one unless given */
export async function startSmtp({ port = 0, user }: { port?: number; user?: string } = {}): Promise<TestSmtp> {
  const received: Received[] = [];
  const state: { refusal: TestSmtp["refusal"] } = { refusal: null };
  const server = new SMTPServer({
    logger: false,
    disabledCommands: user === undefined ? ["STARTTLS", "AUTH"] : ["STARTTLS"],
    authOptional: user === undefined,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, answer) =>
      username === user && password === "sesame" ? answer(null, { user }) : answer(new Error("Not with this password")),
    onRcptTo: ({ address }, _session, answer) =>
      answer(
        state.refusal
          ? Object.assign(new Error(`There is no ${address} here`), { responseCode: state.refusal.status })
          : null,
      ),
    onData: (stream, { envelope }, answer) => {
      const chunks: Uint8Array[] = [];
      stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      stream.on("end", async () => {
        const source = Buffer.concat(chunks).toString();
        const to = envelope.rcptTo.map(({ address }) => address);
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        received.push({ to, from, source, mail: await PostalMime.parse(source) });
        answer();
      });
    },
  });
  const listener = server.listen(port, "127.0.0.1");
  await once(listener, "listening");
  const taken = (listener.address() as AddressInfo).port;
  return {
    received,
    port: taken,
    url: `smtp://${user === undefined ? "" : `${user}:sesame@`}127.0.0.1:${taken}`,
    get refusal() {
      return state.refusal;
    },
    set refusal(refusal) {
      state.refusal = refusal;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
