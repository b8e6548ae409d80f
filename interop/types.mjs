// The signed messages as docs/protocol.md states them, written down here a second time on purpose: the
// vectors bring their own types along, and they have to be these.
export const TYPES = [
  "Payment(address payee,uint96 start,uint96 amount,uint96 cumulative,bytes32 reference)",
  "PurseKey(address owner)",
  "Voucher(bytes32 channel,uint96 cumulative,bytes32 reference)",
  "ChannelTerms(address a,address b,address keyA,address keyB,uint40 closeDelay,bytes32 salt)",
  "ChannelClose(bytes32 channel,uint96 fromA,uint96 fromB,uint40 deadline)",
  "Relay(address account,bytes[] calls,uint256 nonce,uint40 deadline)",
  "Certificate(address purse,address owner,address circle,uint96 funds,uint96 pledge,uint16 coverCount,uint16 circleSize,uint40 asOf)",
  "Request(address payee,uint96 amount,bytes32 nonce,uint40 expiresAt,string name,string memo)",
  "Receipt(bytes32 payment,uint40 acceptedAt)",
  "Clearance(bytes32 root,uint40 clearedAt)",
  "Attestation(address payee,address signer,string name,uint40 expiresAt)",
  "OperatorKey(address next,uint40 validFrom)",
  "Revocations(uint64 version,bytes32 digest,uint40 asOf)",
];

/** EIP-712's encodeType of a message none of whose fields is a struct: ours are all flat. */
export function encodeType(types, name) {
  return `${name}(${types[name].map((field) => `${field.type} ${field.name}`).join(",")})`;
}

/** The message as viem takes it: the vectors write integers as decimal strings, and viem wants bigints. */
export function typedMessage(types, name, message) {
  return Object.fromEntries(
    types[name].map((field) => {
      const value = message[field.name];
      return [field.name, /^u?int\d+$/.test(field.type) ? BigInt(value) : value];
    }),
  );
}
