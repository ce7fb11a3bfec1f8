package import Primitives

/// Why a certificate opens nothing. All are final for this certificate at this time and with these anchors.
package enum CertificateRefusal: Error, Hashable, Sendable {
    /// Not one certificate in DER of a sane size.
    case malformed
    /// No good chain to an anchor.
    case untrusted(Reason)
    /// Since when.
    case expired(Timestamp)
    /// From when on it will be valid.
    case notYetValid(Timestamp)
    /// Not a certificate for this purpose: an authority, a signature certificate, a wrong extended usage.
    case wrongUsage
    /// A key or a signature digest that is too weak, or of a kind that is not accepted.
    case weak
    /// On the revocation list of its issuer, or under an authority that is on one, since then.
    case revoked(since: Timestamp)
    /// Whether it is revoked is not known, or was known too long ago, and the establishment refuses that. When it was last known.
    case revocationUnknown(asOf: Timestamp?)
    /// Test and production markers that contradict each other or the anchors.
    case environmentMismatch

    package enum Reason: Hashable, Sendable {
        /// Its issuer is not among the anchors and intermediates.
        case unknownIssuer
        /// The issuer of that name did not sign it.
        case badSignature
        /// An authority above it is outside its own dates.
        case authorityOutsideDates
        /// Another rule of path validation (RFC 5280 §6); the text is OpenSSL's.
        case invalidPath(String)
    }
}
