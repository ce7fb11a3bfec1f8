/// What is right or wrong with the certificates of a card.
package enum CertificateKind: String, CaseIterable, Sendable {
    case valid
    case expired
    /// Listed in a revocation list that is issued again at once.
    case revoked
    case notYetValid = "not-yet-valid"
    /// The authentication certificate is for signatures of commitment alone; the signature certificate is not for those.
    case wrongUsage = "wrong-usage"
    /// It names the right authority, but another key signed it.
    case wrongIssuer = "wrong-issuer"
    /// From a hierarchy that is in no folder.
    case foreign

    private static let day: Int64 = 86_400

    /// First and last second, with the three years that card certificates live; `now` in seconds since 1970.
    func validity(at now: Int64) -> (from: Int64, to: Int64) {
        let years = 3 * 365 * Self.day
        let begin =
            switch self {
            case .expired: now - years - 30 * Self.day
            case .notYetValid: now + 30 * Self.day
            default: now - 30 * Self.day
            }
        return (begin, begin + years)
    }
}

/// What the key of a certificate is for.
package enum CertificateRole: Hashable, Sendable {
    case authentication
    case signature
    /// Proves a contactless card, without its holder.
    case technical
}

/// A certificate of a card with its key.
package struct IssuedCertificate: Hashable, Sendable {
    package let role: CertificateRole
    /// DER.
    package let certificate: [UInt8]
    /// PKCS#8 in PEM.
    package let privateKey: [UInt8]
}
