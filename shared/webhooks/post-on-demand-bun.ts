import type { Post } from "./attempt.ts";
import type { Answer } from "./outcome.ts";
import type { TargetPolicy } from "./target.ts";

/**
 * `webhookPost`, loaded with the first delivery: it brings Node's HTTP client, which a process without webhooks never
 * needs.
 */
export function webhookPostOnDemand(policy: TargetPolicy): (post: Post) => Promise<Answer> {
  let loading: Promise<(post: Post) => Promise<Answer>> | undefined;
  return async (post) => {
    loading ??= import("./post-bun.ts").then(({ webhookPost }) => webhookPost(policy));
    return (await loading)(post);
  };
}
