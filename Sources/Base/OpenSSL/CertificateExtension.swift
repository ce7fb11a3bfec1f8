internal import COpenSSL

/// An extension to be written into a certificate or a revocation list (RFC 5280 §4.2, §5.2).
package struct CertificateExtension: Hashable, Sendable {
    /// Dotted object identifier.
    package let type: String
    package let critical: Bool
    /// What goes inside the OCTET STRING, in DER.
    package let value: [UInt8]

    package init(_ type: String, critical: Bool = false, _ value: [UInt8]) {
        self.type = type
        self.critical = critical
        self.value = value
    }

    /// Hands the extension to `add`, which copies it and answers 1.
    func add(_ add: (OpaquePointer) -> Int32) throws(OpenSSLError) {
        guard let type = OBJ_txt2obj(type, 1) else { throw .last("build extension") }
        defer { ASN1_OBJECT_free(type) }
        guard let content = ASN1_OCTET_STRING_new() else { throw .last("build extension") }
        defer { ASN1_OCTET_STRING_free(content) }
        guard ASN1_OCTET_STRING_set(content, value, Int32(value.count)) == 1,
            let made = X509_EXTENSION_create_by_OBJ(nil, type, critical ? 1 : 0, content)
        else { throw .last("build extension") }
        defer { X509_EXTENSION_free(made) }
        guard add(made) == 1 else { throw .last("build extension") }
    }
}
