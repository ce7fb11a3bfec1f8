/// Why no holder can be read from a certificate.
package enum HolderRefusal: Error, Hashable, Sendable {
    /// The certificate itself cannot be read.
    case malformedCertificate
    /// The subject has no common name, or one that is no national identifier.
    case noNationalID
    /// A member that is there cannot be read, is too long, or holds characters that have no place in it.
    case malformed(Member)

    package enum Member: String, Hashable, Sendable {
        case familyName, givenName, pseudonym, organization, structure, profession, training, knowHow, cardType, cardNumber
    }
}
