package import Primitives

/// What is known about the revocation of a certificate and of the authorities above it, from where, and how old that is.
package struct RevocationFinding: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// Every list that decides was there, in its dates, and did not name it.
        case good
        /// It, or an authority above it, is on a list. Known revocation counts however old the list is.
        case revoked(since: Timestamp, RevocationReason)
        case unchecked(Gap)
    }

    /// Why it could not be told.
    package enum Gap: Hashable, Sendable {
        /// No list of an issuer was loaded.
        case missing
        /// A list is past its own date or older than the establishment accepts.
        case stale
        /// A list was issued after now: the clock or the list is wrong.
        case fromTheFuture
    }

    /// Who told about the certificate itself; lists tell about the authorities above it.
    package enum Source: String, Hashable, Sendable {
        case list = "crl"
        case responder = "ocsp"
    }

    package let status: Status
    /// When the oldest list or answer that was looked at was issued; `nil` when there was none.
    package let asOf: Timestamp?
    package let source: Source

    package init(status: Status, asOf: Timestamp?, source: Source = .list) {
        self.status = status
        self.asOf = asOf
        self.source = source
    }
}
