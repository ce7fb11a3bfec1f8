internal import SwiftASN1

/// The two worlds of the sector's PKI, which never meet.
package enum Environment: String, Hashable, Sendable {
    case production
    case test
}

extension DistinguishedName {
    /// The test hierarchy names itself: `OU=IGC-SANTE TEST`, and `TEST ` before each common name. All other names are production.
    package var environment: Environment {
        let isTest =
            values(AttributeType.organizationalUnit).contains("IGC-SANTE TEST")
            || values(AttributeType.commonName).contains { $0.hasPrefix("TEST ") }
        return isTest ? .test : .production
    }
}

extension CertificateFields {
    private enum OID {
        static let certificatePolicies = "2.5.29.32"
        static let productCategory = "1.2.250.1.71.1.2.5"
    }

    /// What each marker that is present says: the issuer's name, the pointer to the policy, the category of the product.
    ///
    /// Throws `.malformed` when the policies or the category cannot be read.
    package func environmentMarkers() throws(CertificateRefusal) -> Set<Environment> {
        var markers: Set<Environment> = [issuer.environment]
        do {
            for pointer in try policyPointers() { markers.insert(pointer.hasSuffix("/PC%20TEST") ? .test : .production) }
            if let category = try productCategory() { markers.insert(category & 0x80 != 0 ? .test : .production) }
        } catch {
            throw .malformed
        }
        return markers
    }

    /// Whether any marker says test: for show only, since nothing is verified here.
    package var isMarkedTest: Bool {
        guard let markers = try? environmentMarkers() else { return issuer.environment == .test }
        return markers.contains(.test)
    }

    /// Table G01 of the sector: one byte in an OCTET STRING; the top bit means test.
    private func productCategory() throws -> UInt8? {
        guard let value = extensions[OID.productCategory] else { return nil }
        let bytes = try ASN1OctetString(derEncoded: value).bytes
        guard bytes.count == 1, let category = bytes.first else { throw CertificateRefusal.malformed }
        return category
    }

    /// The CPS pointers of the certificate policies (RFC 5280 §4.2.1.4).
    private func policyPointers() throws -> [String] {
        guard let value = extensions[OID.certificatePolicies] else { return [] }
        let pointerQualifier: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 2, 1]
        var pointers: [String] = []
        let policies = try DER.parse(value)
        try DER.sequence(policies, identifier: .sequence) { policies in
            while let policy = policies.next() {
                try DER.sequence(policy, identifier: .sequence) { fields in
                    _ = try ASN1ObjectIdentifier(derEncoded: &fields)
                    guard let qualifiers = fields.next() else { return }
                    try DER.sequence(qualifiers, identifier: .sequence) { qualifiers in
                        while let qualifier = qualifiers.next() {
                            try DER.sequence(qualifier, identifier: .sequence) { parts in
                                let kind = try ASN1ObjectIdentifier(derEncoded: &parts)
                                guard let node = parts.next() else { return }
                                if kind == pointerQualifier { pointers.append(String(try ASN1IA5String(derEncoded: node))) }
                            }
                        }
                    }
                }
            }
        }
        return pointers
    }
}
