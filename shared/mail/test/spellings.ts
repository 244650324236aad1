/** Two spellings of one mailbox: as its user registered it, and as somebody else writes it. */
export const spellings = [
  ["case", "ana@example.com", "ANA@Example.COM"],
  ["case beyond ASCII", "élodie@example.com", "ÉLODIE@example.com"],
  ["normal form", "élodie@münchen.example", "e\u0301lodie@mu\u0308nchen.example"],
  ["full width", "ana@münchen.example", "ana@ｍünchen.example"],
  ["full width for ASCII", "ana@example.com", "ａna@ｅxample.com"],
  ["punycode for Unicode", "ana@münchen.example", "ana@xn--mnchen-3ya.example"],
  ["Unicode for punycode", "ana@xn--mnchen-3ya.example", "Ana@MÜNCHEN.example"],
  ["the Kelvin sign", "kim@example.com", "\u212Aim@example.com"],
  ["right to left", "דנה@דוגמה.example", "דנה@xn--6dbbec0c.example"],
  ["full-width dots", "ana@mail.example.com", "ana@mail\uff0eexample\uff0ecom"],
  ["ideographic dots", "ana@example\u3002com", "ana@example.com"],
  ["half-width ideographic dots", "ana@example.com", "ana@example\uff61com"],
] as const;
