import type { DataSave, DataSaved } from "@stoa/projects/data/schema";

/** How the server is called. */
export interface ClientOptions {
  /** Its address, without a path. */
  readonly url: string;
  /** An access token; or who logs in. */
  readonly token?: string | undefined;
  readonly login?: { readonly username: string; readonly password: string } | undefined;
  /** Waits so many milliseconds. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** A problem that the server answered with. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];

  constructor(status: number, problem: Problem) {
    super(`The server answers ${status} ${problem.error_code ?? ""}: ${problem.detail ?? "without a reason"}`);
    this.code = problem.error_code ?? "";
    this.errors = problem.errors ?? [];
  }
}

interface Problem {
  readonly error_code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
}

/** A server that payloads are saved on. */
export interface Client {
  /** @throws Refusal; Error when the server does not answer */
  save(body: DataSave): Promise<DataSaved>;
  /** Ends the session that was begun for this. */
  close(): Promise<void>;
}

/** How often a request is tried that the server has no time for. */
const TRIES = 6;

/**
 * Logs in, unless there is a token, and saves payloads. The token is renewed when it expires; a server that says that it is
 * busy, or that cannot be reached, is asked again.
 *
 * @throws Refusal when the login is refused
 */
export async function connect({ url, token, login, sleep = Bun.sleep }: ClientOptions): Promise<Client> {
  const api = `${url.replace(/\/+$/, "")}/api/v1`;
  let tokens: Tokens = { access_token: token ?? "" };
  const post = async <T>(path: string, body: object, secret?: string): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await send(`${api}${path}`, body, secret).catch((error: Error) => error);
      const isLast = attempt === TRIES;
      if (answer instanceof Error) {
        if (isLast) throw new Error("The server does not answer; run this again to go on.", { cause: answer });
      } else if ((answer.status !== 429 && answer.status !== 503) || isLast) {
        return read<T>(answer);
      }
      const asked = answer instanceof Error ? null : answer.headers.get("retry-after");
      if (!(answer instanceof Error)) await answer.body?.cancel();
      await sleep(asked === null ? 500 * attempt : Number(asked) * 1_000);
    }
  };
  if (login) tokens = await post<Tokens>("/auth/login", login);
  return {
    async save(body) {
      try {
        return await post<DataSaved>("/data/save", body, tokens.access_token);
      } catch (error) {
        const { refresh_token } = tokens;
        if (!(error instanceof Refusal) || error.code !== "token_expired" || !refresh_token) throw error;
        tokens = await post<Tokens>("/auth/refresh", { refresh_token });
        return post<DataSaved>("/data/save", body, tokens.access_token);
      }
    },
    async close() {
      if (login) await post("/auth/logout", {}, tokens.access_token);
    },
  };
}

/** Redirects are not followed: the password and the token go where they were told to go. */
function send(url: string, body: object, token: string | undefined): Promise<Response> {
  return fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (response.status === 204) return undefined as T;
  if (response.ok) return JSON.parse(text) as T;
  throw new Refusal(response.status, problemIn(text));
}

function problemIn(text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return {};
  }
}
