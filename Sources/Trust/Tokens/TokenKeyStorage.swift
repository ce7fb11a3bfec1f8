package import KeyFiles
package import Primitives

/// A private signing key as it is kept.
package struct StoredTokenKey: Hashable, Sendable {
    /// RFC 7638 thumbprint.
    package let kid: String
    package let createdAt: Timestamp
    /// Unencrypted PKCS#8.
    package let pem: String

    package init(kid: String, createdAt: Timestamp, pem: String) {
        self.kid = kid
        self.createdAt = createdAt
        self.pem = pem
    }
}

/// Where signing keys are kept between two runs.
package protocol TokenKeyStorage: Sendable {
    func load() throws(TokenKeyError) -> [StoredTokenKey]
    func save(_ key: StoredTokenKey) throws(TokenKeyError)
    /// Forgets a key; one that is not there is no error.
    func remove(_ key: StoredTokenKey) throws(TokenKeyError)
}

/// Why the signing keys cannot be used or kept.
package enum TokenKeyError: Error, Hashable, Sendable {
    /// The file or its folder cannot be used.
    case file(KeyFileError)
    /// Not a key, or not the key that its name says.
    case corrupt(kid: String)
    /// A new key could not be made.
    case unusable
}
