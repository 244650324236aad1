/** An address of mail as it is looked for: whatever its case, as identity compares them. */
export const emailKey = (email: string): string => email.normalize("NFC").toLowerCase();
