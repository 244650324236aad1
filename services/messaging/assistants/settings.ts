/** Which servers and models assistants may use, and how much. */
export interface AssistantSettings {
  /** The base URLs that the operator names: their origins are allowed, the first is used where none is named. */
  readonly urls: readonly [string, ...string[]];
  /** Sent to these servers as bearer token, and nowhere else. */
  readonly key: string | null;
  /** The models that may be used; null: any. */
  readonly models: readonly string[] | null;
  /** Tokens for each user and day (UTC). */
  readonly daily_tokens: number;
}

/** The variables of the environment that they come from. */
interface AssistantVariables {
  readonly assistants_url: readonly string[] | null;
  readonly assistants_key: string | null;
  readonly assistants_models: readonly string[] | null;
  readonly assistants_daily_tokens: number;
}

/** The settings of assistants; undefined when the operator has named no server. */
export function assistantSettings(config: AssistantVariables): AssistantSettings | undefined {
  const [first, ...more] = config.assistants_url ?? [];
  if (first === undefined) return undefined;
  return {
    urls: [first, ...more],
    key: config.assistants_key,
    models: config.assistants_models,
    daily_tokens: config.assistants_daily_tokens,
  };
}

/**
 * The base URL that a request names, as it is stored: without a slash at its end.
 *
 * @returns undefined for one that is no URL, carries a user, a query or a fragment, or has an origin that is not allowed
 */
export function allowedUrl({ urls }: Pick<AssistantSettings, "urls">, text: string): string | undefined {
  const url = URL.parse(text);
  // Of a scheme other than HTTP the origin is `null`, and equal to others.
  if (!url?.protocol.startsWith("http") || url.username !== "" || url.password !== "" || /[?#]/.test(text)) {
    return undefined;
  }
  const allowed = urls.some((each) => new URL(each).origin === url.origin);
  return allowed ? url.href.replace(/\/+$/, "") : undefined;
}
