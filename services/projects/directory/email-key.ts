/** An address of mail as it is looked for: whatever its case. Identity decides whether two are the same. */
export const emailKey = (email: string): string => email.normalize("NFC").toLowerCase();
