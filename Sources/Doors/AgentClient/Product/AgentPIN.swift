internal import Primitives

/// A PIN on its way to the agent: bytes in one place, locked against swapping where the limits allow it, and wiped when the last reference ends.
/// It cannot be printed, compared or encoded.
public final class AgentPIN: Sendable {
    let secret: Secret

    /// Takes the digits (ASCII) and overwrites `bytes` with zeros.
    public init(wiping bytes: inout [UInt8]) {
        secret = Secret(count: bytes.count) { $0.copyBytes(from: bytes) }
        wipe(&bytes)
    }

    /// Has `fill` write the digits (ASCII) to where they stay, so that there is no other copy.
    ///
    /// - Parameter count: how many digits there are.
    public init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) { secret = Secret(count: max(count, 0), fill) }
}
