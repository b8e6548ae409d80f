// Which signatures OffPay takes: secp256k1 of 65 bytes, or 64 (EIP-2098), with s in the lower half.
import { compactSignatureToSignature, parseCompactSignature, parseSignature, recoverAddress, size, zeroAddress } from "viem";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The signer, or null where the signature is one that OffPay refuses. */
export async function recoverStrictly(digest, signature) {
  const length = size(signature);
  if (length !== 64 && length !== 65) return null;
  // viem also reads 0 and 1 in the last byte; OffPay knows 27 and 28 alone, as Solidity's ecrecover does.
  if (length === 65 && !["1b", "1c"].includes(signature.slice(-2).toLowerCase())) return null;

  try {
    const { r, s, yParity } =
      length === 64 ? compactSignatureToSignature(parseCompactSignature(signature)) : parseSignature(signature);
    if (BigInt(s) > ORDER / 2n) return null;
    const signer = await recoverAddress({ hash: digest, signature: { r, s, yParity } });
    return signer === zeroAddress ? null : signer;
  } catch {
    return null; // r or s out of range, or no point of the curve.
  }
}
