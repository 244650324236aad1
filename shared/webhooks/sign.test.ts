import { describe, expect, test } from "bun:test";
import { newSecret, secretBytes } from "./secret.ts";
import { signatureHeaders } from "./sign.ts";

describe("secrets", () => {
  test("are made of 32 random bytes", () => {
    const [one, other] = [newSecret(), newSecret()];
    expect(one).toMatch(/^whsec_/);
    expect(secretBytes(one)).toHaveLength(32);
    expect(one).not.toBe(other);
  });

  test.each([
    "whsec_short",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
    `whsec_${"A".repeat(33)}`,
    `whsec_${new Uint8Array(23).toBase64()}`,
    `whsec_${new Uint8Array(65).toBase64()}`,
    `whsec_${"!".repeat(32)}`,
    "",
  ])("%s is none", (text) => {
    expect(secretBytes(text)).toBeUndefined();
  });

  test.each([24, 25, 26, 32, 63, 64])("of %d bytes are taken", (length) => {
    expect(secretBytes(`whsec_${new Uint8Array(length).fill(7).toBase64()}`)).toHaveLength(length);
  });
});

describe("signatures", () => {
  test("are those of the specification's own example", async () => {
    // Standard Webhooks 1.0, libraries' shared test vector.
    const headers = await signatureHeaders("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("cannot be made with what is no secret", () => {
    expect(signatureHeaders("secret", { id: "a", timestamp: 1, body: "" })).rejects.toThrow("no secret");
  });
});
