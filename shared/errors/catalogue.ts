/**
 * Every `error_code` of Stoa, with its HTTP status, a short title, and the sentence that clients read as `detail`
 * unless the error brings its own. Codes are stable: none is ever renamed or reused. `/docs/errors` shows them all.
 *
 * Source: RFC 9457 (problem details), section 3.
 */
export const catalogue = {
  // The request itself
  not_found: [404, "Not found", "There is no such resource, or it is in a trash that you may not open."],
  method_not_allowed: [405, "Method not allowed", "This path does not support this method; see the Allow header."],
  request_timeout: [408, "Request timeout", "The request body did not arrive in time."],
  payload_too_large: [413, "Payload too large", "The request body is larger than this route accepts."],
  unsupported_media_type: [415, "Unsupported media type", "Send the body as application/json."],
  malformed_json: [400, "Malformed JSON", "The request body is not well-formed JSON."],
  validation_failed: [422, "Validation failed", "Some fields are invalid; see errors."],
  invalid_cursor: [422, "Invalid cursor", "The cursor does not belong to this list; start again without it."],
  rate_limited: [429, "Too many requests", "Too many requests; try again after the time in Retry-After."],
  idempotency_key_reused: [422, "Idempotency key reused", "This Idempotency-Key was used before with another request."],
  upgrade_required: [426, "Upgrade required", "This path is a WebSocket; connect to it as one."],
  version_conflict: [
    412,
    "Version conflict",
    "The resource has changed since you read it; its present state is in current.",
  ],
  // Authentication and authorization
  unauthorized: [401, "Unauthorized", "Send an access token as Authorization: Bearer."],
  invalid_token: [401, "Invalid token", "The access token is not one that Stoa issued."],
  token_expired: [401, "Token expired", "The access token has expired; refresh it."],
  session_revoked: [401, "Session revoked", "The session of this token has ended; log in again."],
  forbidden: [403, "Forbidden", "You may not do this."],
  // Identity
  registration_closed: [403, "Registration closed", "Registration is closed here, or takes an invitation by mail."],
  email_taken: [409, "E-mail taken", "A user with this e-mail exists."],
  username_taken: [409, "Username taken", "A user with this username exists."],
  weak_password: [422, "Weak password", "The password is too weak."],
  unsupported_hash: [
    422,
    "Unsupported hash",
    "The password hash has an algorithm or a cost that Stoa does not accept.",
  ],
  invalid_credentials: [401, "Invalid credentials", "The name or the password is wrong."],
  login_throttled: [429, "Login throttled", "Too many failed logins; try again after the time in Retry-After."],
  password_change_required: [
    403,
    "Password change required",
    "The password is right, and too short without a second factor; ask for another with POST /auth/password/forgot.",
  ],
  mfa_required: [
    401,
    "Second factor required",
    "The password is right; send mfa_token and a code to /auth/mfa/verify.",
  ],
  invalid_code: [401, "Invalid code", "The code is wrong, was used before or has expired."],
  mfa_already_enabled: [409, "Second factor in use", "A second factor is in use already; remove it first."],
  mfa_not_enabled: [409, "No second factor", "There is no second factor; its user begins with POST /auth/mfa/totp."],
  account_disabled: [403, "Account disabled", "This account has been disabled."],
  invalid_refresh_token: [401, "Invalid refresh token", "The refresh token is not one that Stoa issued."],
  refresh_token_expired: [401, "Refresh token expired", "The refresh token has expired; log in again."],
  refresh_token_reused: [401, "Refresh token reused", "The refresh token was used before; its session has ended."],
  wrong_password: [403, "Wrong password", "The password is wrong."],
  step_up_required: [403, "Step-up required", "Authenticate again with POST /auth/reauthenticate, then try again."],
  last_superuser: [409, "Last superuser", "This is the last active superuser; make another user superuser first."],
  role_taken: [409, "Role taken", "A role with this name exists."],
  unknown_role: [422, "Unknown role", "There is no role with this name."],
  invalid_ticket: [
    422,
    "Invalid ticket",
    "The token from the mail is wrong, was used or has expired; request a new one.",
  ],
  next_key_too_new: [
    409,
    "Next key too new",
    "Some verifiers may not know the next key yet; try again after the time in Retry-After.",
  ],
  slug_taken: [409, "Slug taken", "Another organization has this slug."],
  already_member: [409, "Already a member", "This user is already a member of the organization."],
  already_invited: [409, "Already invited", "An invitation to this address is open; revoke it to send another."],
  invitation_accepted: [409, "Invitation accepted", "The invitation was accepted; remove the member instead."],
  invitation_closed: [409, "Invitation closed", "The invitation was declined, revoked or has expired."],
  invalid_account_id: [401, "Invalid account id", "The corporate directory has no such account."],
  directory_unavailable: [502, "Directory unavailable", "The corporate directory cannot answer now; try again later."],
  not_configured: [
    503,
    "Not configured",
    "This deployment is not configured for this; its operator has to connect the service that it needs.",
  ],
  // Projects
  last_owner: [
    409,
    "Last owner",
    "The last active owner cannot leave or lose the role; make someone else owner first.",
  ],
  key_taken: [409, "Key taken", "Another project of the same owner has this key, perhaps one in the trash."],
  in_trash: [409, "In the trash", "This belongs to something in the trash; restore that first."],
  too_many_webhooks: [409, "Too many webhooks", "A project has 20 webhooks at most; delete one first."],
  webhook_inactive: [409, "Webhook inactive", "The receiver has answered that it is gone; make another webhook."],
  not_a_member: [422, "Not a member", "Only members of the project can be assigned."],
  import_failed: [422, "Import failed", "Some items cannot be saved, so none was; see results."],
  link_cycle: [409, "Link cycle", "The other task blocks this one already, directly or by way of others."],
  // Messaging
  managed_by_project: [409, "Managed by its project", "The participants of this conversation follow its project."],
  name_taken: [409, "Name taken", "Another assistant of the conversation, or a user, has this name."],
  too_many_assistants: [409, "Too many assistants", "A conversation has 10 assistants at most; remove one first."],
  not_an_answer: [409, "Not an answer", "No assistant is writing this message."],
  budget_spent: [
    429,
    "Budget spent",
    "Your questions to assistants have cost as much as they may today; try again after the time in Retry-After.",
  ],
  message_deleted: [409, "Message deleted", "This message was deleted; it keeps its place and nothing else."],
  too_many_reactions: [409, "Too many reactions", "A message has 50 different reactions at most; use one that it has."],
  blocked: [403, "Blocked", "Messages between you and this person are blocked."],
  group_full: [409, "Group full", "A group has 500 participants at most."],
  // The server
  not_implemented: [
    501,
    "Not implemented",
    "This deployment runs on Workers and cannot do this; send the request to one that runs on Bun.",
  ],
  unavailable: [503, "Unavailable", "Stoa cannot answer now; try again after the time in Retry-After."],
  upstream_unavailable: [502, "Upstream unavailable", "The service behind the gateway does not answer."],
  internal_error: [500, "Internal error", "Something went wrong; it has been logged under the request id."],
} as const satisfies Record<string, readonly [status: number, title: string, sentence: string]>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof catalogue;

/** Status, title and public sentence of a code. */
export function describe(code: ErrorCode): { status: number; title: string; sentence: string } {
  const [status, title, sentence] = catalogue[code];
  return { status, title, sentence };
}
