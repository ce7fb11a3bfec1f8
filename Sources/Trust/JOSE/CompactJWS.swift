package import Primitives

/// A signed message in compact form (RFC 7515 §7.1), taken apart; nothing in it is believed yet.
package struct CompactJWS: Hashable, Sendable {
    package let header: JSON
    package let algorithm: String
    /// `typ` as a media type in lower case, without the prefix `application/` (RFC 7515 §4.1.9).
    package let type: String?
    package let kid: String?
    package let payload: [UInt8]
    package let signature: [UInt8]
    /// Header, dot, payload: what the signature covers.
    package let signedBytes: [UInt8]

    /// Bytes of the whole text.
    package static let sizeLimit = 16_384

    package init(_ text: some StringProtocol) throws(JWSRefusal) {
        guard text.utf8.count <= Self.sizeLimit else { throw .tooLong }
        let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .notCompact }
        guard let header = StrictJSON.object(headerBytes), let algorithm = header["alg"]?.string,
            ["typ", "kid"].allSatisfy({ header[$0] == nil || header[$0]?.string != nil })
        else { throw .malformedHeader }
        // Extensions that must be understood (RFC 7515 §4.1.11), and payloads that are not encoded (RFC 7797), are none that we know.
        guard header["crit"] == nil, header["b64"] == nil else { throw .unknownExtension }
        self.header = header
        self.algorithm = algorithm
        type = header["typ"]?.string.map { type in
            let type = type.lowercased()
            return type.hasPrefix("application/") ? String(type.dropFirst("application/".count)) : type
        }
        kid = header["kid"]?.string
        self.payload = payload
        self.signature = signature
        signedBytes = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
    }

    /// Whether the owner of `key` signed it. The key says which algorithms there are; a header that names another one is refused, so that
    /// neither `none` nor a code made with a public key as its secret passes (RFC 8725 §2.1).
    package func isSigned(by key: PublicJWK) -> Bool { key.verifies(signature, of: signedBytes, algorithm: algorithm) }

    /// The payload, when it is a JSON object in which no member stands twice.
    package var claims: JSON? { StrictJSON.object(payload) }
}

/// Why a text is no signed message for us.
package enum JWSRefusal: Error, Hashable, Sendable {
    case tooLong
    /// Not three parts in base64url without padding.
    case notCompact
    case malformedHeader
    /// `crit` or `b64` asks for what we do not do.
    case unknownExtension
}
