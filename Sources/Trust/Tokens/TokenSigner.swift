package import Primitives
internal import Synchronization

/// Signs access tokens, verifies its own, and publishes its public keys. Keys overlap: a token that was good stays verifiable to its end.
package final class TokenSigner: Sendable {
    private let algorithm: TokenAlgorithm
    private let storage: any TokenKeyStorage
    /// Newest first, so the first one signs; never empty.
    private let keys: Mutex<Keys>

    private struct Keys: Sendable {
        var current: SigningKey
        /// Newest first.
        var retired: [SigningKey]

        var all: [SigningKey] { [current] + retired }
    }

    /// Loads the keys; makes one when there is none, or none of this algorithm that is the newest.
    package init(storage: any TokenKeyStorage, algorithm: TokenAlgorithm = .es256, now: Timestamp) async throws(TokenKeyError) {
        self.algorithm = algorithm
        self.storage = storage
        var found: [SigningKey] = []
        for stored in try storage.load() { found.append(try await SigningKey(stored)) }
        found.sort { $0.createdAt > $1.createdAt }
        if let newest = found.first, newest.algorithm == algorithm {
            keys = Mutex(Keys(current: newest, retired: Array(found.dropFirst())))
        } else {
            let key = try await Self.make(algorithm, storage: storage, after: found.first?.createdAt, now: now)
            keys = Mutex(Keys(current: key, retired: found))
        }
        try dropOutlived(now: now)
    }

    /// `kid` of the key that signs now: the thumbprint that a login challenge names.
    package var currentKeyID: String { keys.withLock { $0.current.kid } }

    /// When the key that signs now was made.
    package var currentKeyCreatedAt: Timestamp { keys.withLock { $0.current.createdAt } }

    /// The public keys (RFC 7517 §5): the current one and those whose tokens may still live.
    package func jwks() -> JSON { .object(["keys": .array(keys.withLock { $0.all.map(\.jwk) })]) }

    /// A token of these claims, read back and verified before it is given out.
    package func sign(_ claims: AccessTokenClaims) throws(SigningFailure) -> String {
        guard claims.nbf <= claims.iat, claims.iat < claims.exp, claims.exp - claims.iat <= TokenLifetime.longest else {
            throw .invalidClaims
        }
        let key = keys.withLock { $0.current }
        let token: String
        do {
            token = try CompactToken.sign(claims, with: key)
        } catch {
            throw .keyFailure
        }
        guard let checked = try? verify(token, now: Timestamp(seconds: claims.iat)), checked == claims else { throw .selfCheck }
        return token
    }

    /// A security event token (RFC 8417) of these claims.
    package func signEvent(_ claims: JSON) throws(SigningFailure) -> String {
        let key = keys.withLock { $0.current }
        do { return try CompactToken.sign(event: claims, with: key) } catch { throw .keyFailure }
    }

    /// The claims of a token of ours that is in force at `now`: signed by a published key, typed, `nbf` reached, `exp` not.
    package func verify(_ token: String, now: Timestamp) throws(TokenRefusal) -> AccessTokenClaims {
        let claims = try authentic(token)
        guard claims.nbf <= now.seconds else { throw .notYetValid }
        guard now.seconds < claims.exp else { throw .expired }
        return claims
    }

    /// The claims of a token of ours, in force or not: for whoever counts its life by a better clock than the wall's.
    package func authentic(_ token: String) throws(TokenRefusal) -> AccessTokenClaims {
        let token = try CompactToken(token)
        guard let key = keys.withLock({ $0.all.first { $0.kid == token.kid } }) else { throw .unknownKey }
        guard token.isSigned(by: key) else { throw .badSignature }
        return try token.claims()
    }

    /// Signs with a new key from now on. Old keys stay published until the longest life of their last token has passed.
    package func rotate(now: Timestamp) async throws(TokenKeyError) {
        let key = try await Self.make(algorithm, storage: storage, after: currentKeyCreatedAt, now: now)
        keys.withLock { $0 = Keys(current: key, retired: $0.all) }
        try dropOutlived(now: now)
    }

    /// Forgets keys that were replaced longer ago than any of their tokens can live.
    package func dropOutlived(now: Timestamp) throws(TokenKeyError) {
        let outlived = keys.withLock { keys in
            let all = keys.all
            let dead = zip(all, all.dropFirst()).filter { successor, _ in
                successor.createdAt.advanced(bySeconds: TokenLifetime.longest) <= now
            }.map(\.1)
            keys.retired.removeAll { key in dead.contains { $0.kid == key.kid } }
            return dead
        }
        for key in outlived { try storage.remove(key.stored) }
    }

    private static func make(
        _ algorithm: TokenAlgorithm, storage: any TokenKeyStorage, after newest: Timestamp?, now: Timestamp
    ) async throws(TokenKeyError) -> SigningKey {
        // The newest key signs, so a clock that went back must not make an older one.
        let time = newest.map { max(now, Timestamp(milliseconds: $0.milliseconds + 1)) } ?? now
        let key = try await SigningKey.generate(algorithm, at: time)
        try storage.save(key.stored)
        return key
    }
}
