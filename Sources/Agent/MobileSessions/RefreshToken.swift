internal import Crypto
package import KeyFiles
package import Primitives

/// A refresh token: which session, which one of its row, and the proof that the agent gave it. No more is kept of it than its place in
/// the row.
struct RefreshToken: Hashable, Sendable {
    let session: String
    let generation: Int64

    /// Bytes of one that is looked at.
    private static let longest = 256

    init(session: String, generation: Int64) {
        self.session = session
        self.generation = generation
    }

    /// `nil` for what this agent has not given.
    init?(_ text: String, _ key: RefreshKey) {
        guard text.utf8.count <= Self.longest else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let proof = Base64URL.decode(parts[2]), let generation = Int64(parts[1]), generation >= 0,
            String(generation) == parts[1]
        else { return nil }
        self.init(session: String(parts[0]), generation: generation)
        guard key.isProof(proof, of: signed) else { return nil }
    }

    func text(_ key: RefreshKey) -> String { "\(session).\(generation).\(Base64URL.encode(key.proof(of: signed)))" }

    private var signed: String { "refresh \(session).\(generation)" }
}

/// What refresh tokens are made with: they are good on this machine alone.
package struct RefreshKey: Sendable {
    private let key: SymmetricKey

    package static let length = 32

    /// Why the kept key cannot be used.
    package enum Problem: Error, Hashable, Sendable {
        case file(KeyFileError)
        /// Not what was written there.
        case damaged(path: String)
    }

    init(_ bytes: [UInt8]) { key = SymmetricKey(data: bytes) }

    /// A new one, that is kept nowhere.
    package init(random: any RandomSource) { self.init(random.bytes(Self.length)) }

    /// The kept key; makes one where there is none.
    package init(_ storage: any RefreshKeyStorage, random: any RandomSource) throws(Problem) {
        if let kept = try storage.load() {
            self.init(kept)
        } else {
            let bytes = random.bytes(Self.length)
            try storage.save(bytes)
            self.init(bytes)
        }
    }

    /// HMAC-SHA-256 (RFC 2104).
    func proof(of text: String) -> [UInt8] { Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)) }

    /// Compares in constant time.
    func isProof(_ proof: [UInt8], of text: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(proof, authenticating: Array(text.utf8), using: key)
    }
}
