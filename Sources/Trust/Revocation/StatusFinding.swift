package import Primitives

/// What a responder said of one certificate.
package struct StatusFinding: Hashable, Sendable {
    /// `nil` when the certificate is good.
    package let revoked: Revoked?
    /// `thisUpdate` of the answer.
    package let asOf: Timestamp
    /// From when on there is something newer to be asked for. A revocation is remembered beyond.
    package let until: Timestamp

    package struct Revoked: Hashable, Sendable {
        package let since: Timestamp
        package let reason: RevocationReason
    }
}

/// Why a responder told nothing. What lists say decides then.
package enum StatusFailure: Error, Hashable, Sendable {
    /// Neither the certificate nor the configuration names a responder, or the issuer is not at hand.
    case noResponder
    /// It failed a moment ago and is left alone for a while.
    case resting
    case notAnswered(FetchFailure)
    case malformed
    /// It answered that it will not tell; `tryLater` is 3 (RFC 6960 §2.3).
    case refused(Int)
    /// It does not know the certificate.
    case unknown
    case anotherCertificate
    case anotherNonce
    case badSignature
    case weakSignature
    /// The signer may not answer for this issuer.
    case wrongResponder
    /// Outside the dates of the answer.
    case outdated

    /// One English sentence.
    package var reason: String {
        switch self {
        case .noResponder: "no responder is known"
        case .resting: "the responder failed a moment ago"
        case .notAnswered(let failure): failure.reason
        case .malformed: "the answer is not one of OCSP"
        case .refused(let status): "the responder answered with status \(status)"
        case .unknown: "the responder does not know the certificate"
        case .anotherCertificate: "the answer is about another certificate"
        case .anotherNonce: "the answer is to another question"
        case .badSignature: "the signature of the answer is not its signer's"
        case .weakSignature: "the signature of the answer is of a kind that is not accepted"
        case .wrongResponder: "the signer may not answer for the issuer of the certificate"
        case .outdated: "the answer is outside its dates"
        }
    }
}
