/**
 * SQL of the moment of the commit, not that of the command or of the event behind it: what was decided earlier and is
 * committed later must not come before what a client has read meanwhile.
 */
export const commitTime = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
