package import Primitives
internal import SwiftASN1

/// Where a certificate says that its revocation is told. Other kinds of address, and what cannot be read, are left out.
extension CertificateFields {
    private enum OID {
        static let distributionPoints = "2.5.29.31"
        static let authorityInformation = "1.3.6.1.5.5.7.1.1"
        static let statusProtocol: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 48, 1]
    }

    private static let mostAddresses = 8

    /// Full lists of the issuer, for all reasons (RFC 5280 §4.2.1.13).
    package var listAddresses: [WebAddress] {
        let points = parsed(OID.distributionPoints)
        return Array(points.flatMap(Self.fullNames).compactMap(Self.address).prefix(Self.mostAddresses))
    }

    /// OCSP responders (RFC 6960 §3.1).
    package var responderAddresses: [WebAddress] {
        let addresses = parsed(OID.authorityInformation).compactMap { description -> WebAddress? in
            let parts = Self.children(description)
            guard parts.count == 2, (try? ASN1ObjectIdentifier(derEncoded: parts[0])) == OID.statusProtocol else { return nil }
            return Self.address(parts[1])
        }
        return Array(addresses.prefix(Self.mostAddresses))
    }

    /// The elements of an extension that is a SEQUENCE OF.
    private func parsed(_ identifier: String) -> [ASN1Node] {
        guard let value = extensions[identifier], let root = try? DER.parse(value), root.identifier == .sequence else { return [] }
        return Self.children(root)
    }

    /// The names of a point that has nothing but a full name: reasons or another issuer make it speak for less.
    private static func fullNames(_ point: ASN1Node) -> [ASN1Node] {
        let parts = children(point)
        guard parts.count == 1, let name = children(parts[0]).first, parts[0].identifier == context(0), name.identifier == context(0)
        else { return [] }
        return children(name)
    }

    /// A uniformResourceIdentifier of a GeneralName.
    private static func address(_ name: ASN1Node) -> WebAddress? {
        guard name.identifier == context(6), case .primitive(let bytes) = name.content else { return nil }
        return WebAddress(String(decoding: bytes, as: UTF8.self))
    }

    private static func context(_ number: UInt) -> ASN1Identifier { ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific) }

    private static func children(_ node: ASN1Node) -> [ASN1Node] {
        if case .constructed(let nodes) = node.content { Array(nodes) } else { [] }
    }
}
