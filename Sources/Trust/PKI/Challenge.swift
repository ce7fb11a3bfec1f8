internal import OpenSSL
package import Primitives

/// What a card signs to prove its holder at a login: one statement that fits no other place and no other time.
///
/// The card signs SHA-256 of ``bytes``, which are kept as evidence so that anyone can check the signature later.
package struct Challenge: Hashable, Sendable {
    /// Separates this statement from any other that the key may ever sign.
    package static let purpose = "cps-agent/login/v1"

    package static let nonceSize = 32

    /// Canonical JSON (RFC 8785).
    package let bytes: [UInt8]
    /// SHA-256 of ``bytes``.
    package let digest: [UInt8]

    /// The program that asked, as the kernel attests it.
    package struct Caller: Hashable, Sendable {
        package let uid: UInt32
        package let gid: UInt32
        package let pid: Int32
        /// The system unit, when it runs in one.
        package let unit: String?

        package init(uid: UInt32, gid: UInt32, pid: Int32, unit: String? = nil) {
            self.uid = uid
            self.gid = gid
            self.pid = pid
            self.unit = unit
        }
    }

    /// The head of the audit log at that time: number of traces, and root of their tree (32 bytes, RFC 9162).
    package struct LogHead: Hashable, Sendable {
        package let size: Int64
        package let root: [UInt8]

        package init(size: Int64, root: [UInt8]) {
            self.size = size
            self.root = root
        }
    }

    /// - Parameters:
    ///   - tokenKey: RFC 7638 thumbprint of the key that will sign the session's tokens.
    ///   - nonce: ``nonceSize`` random bytes, never used before.
    ///   - insertion: Id of the insertion, never reused.
    package init(
        issuer: String, tokenKey: String, nonce: [UInt8], insertion: String, time: Timestamp, caller: Caller, log: LogHead
    ) throws(ProofRefusal) {
        guard nonce.count == Self.nonceSize, log.root.count == 32 else { throw .malformedChallenge }
        let statement = JSON.object([
            "purpose": .string(Self.purpose),
            "issuer": .string(issuer),
            "token_key": .string(tokenKey),
            "nonce": .string(Base64URL.encode(nonce)),
            "insertion": .string(insertion),
            "time": .string(time.description),
            "caller": .members([
                "uid": .int(Int64(caller.uid)), "gid": .int(Int64(caller.gid)), "pid": .int(Int64(caller.pid)),
                "unit": caller.unit.map { .string($0) },
            ]),
            "log": .object(["size": .int(log.size), "root": .string(Base64URL.encode(log.root))]),
        ])
        bytes = statement.canonical
        do {
            digest = try sha256(bytes)
        } catch {
            throw .unavailable
        }
    }
}
