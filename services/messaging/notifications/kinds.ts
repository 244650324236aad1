/** What users are notified of. */
export const kinds = [
  "assigned",
  "mentioned",
  "replied",
  "invited",
  "added",
  "commented",
  "due_soon",
  "overdue",
] as const;

/** What a notification can be about. */
export const objectTypes = ["task", "message", "invitation", "project", "conversation", "organization"] as const;
