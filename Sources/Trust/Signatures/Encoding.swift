internal import SwiftASN1

/// DER values put together from parts (X.690), by the encoder of swift-asn1.
enum Encoding {
    static func constructed(_ identifier: ASN1Identifier, _ parts: [UInt8]...) -> [UInt8] {
        var serializer = DER.Serializer()
        serializer.appendConstructedNode(identifier: identifier) { serializer in
            for part in parts { serializer.serializeRawBytes(part) }
        }
        return serializer.serializedBytes
    }

    static func primitive(_ identifier: ASN1Identifier, _ content: some Collection<UInt8>) -> [UInt8] {
        var serializer = DER.Serializer()
        serializer.appendPrimitiveNode(identifier: identifier) { $0.append(contentsOf: content) }
        return serializer.serializedBytes
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { constructed(.sequence, parts.flatMap { $0 }) }

    /// The content of a SET OF: its members in the order of their encodings (X.690 §11.6).
    static func sorted(_ members: [[UInt8]]) -> [UInt8] { members.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 } }

    static func value(_ value: some DERSerializable) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(value)
        return serializer.serializedBytes
    }

    static func octets(_ content: [UInt8]) -> [UInt8] { primitive(.octetString, content) }

    /// A tag of the context, for an EXPLICIT or an IMPLICIT field.
    static func context(_ number: UInt) -> ASN1Identifier { ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific) }

    /// AlgorithmIdentifier (RFC 5280 §4.1.1.2).
    static func algorithm(_ identifier: ASN1ObjectIdentifier, hasNull: Bool) throws -> [UInt8] {
        sequence(try value(identifier), hasNull ? [0x05, 0x00] : [])
    }
}

/// The object identifiers of signed messages.
enum ObjectIdentifier {
    static let data: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 1]
    static let signedData: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 2]
    static let contentType: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 3]
    static let messageDigest: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 4]
    static let signingTime: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 5]
    /// RFC 5035 §3.
    static let signingCertificateV2: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 16, 2, 47]
    /// RFC 3161 appendix A.
    static let signatureTimeStamp: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 16, 2, 14]
    /// ETSI EN 319 122-1 §5.2.4.
    static let mimeType: ASN1ObjectIdentifier = [0, 4, 0, 1733, 2, 1]
    static let sha256: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 1]
    static let sha256WithRSA: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 11]
}
