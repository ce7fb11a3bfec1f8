internal import COpenSSL

/// A name to be written into a certificate (X.501): relative names in order, each of one or more attributes.
package struct DistinguishedName: Hashable, Sendable {
    /// One attribute of a name.
    package struct Attribute: Hashable, Sendable {
        package enum Encoding: Hashable, Sendable {
            case printableString
            case utf8String
        }

        /// Dotted object identifier.
        package let type: String
        package let encoding: Encoding
        package let text: String

        package init(_ type: String, _ encoding: Encoding, _ text: String) {
            self.type = type
            self.encoding = encoding
            self.text = text
        }
    }

    package let relativeNames: [[Attribute]]

    package init(_ relativeNames: [[Attribute]]) { self.relativeNames = relativeNames }

    /// Runs `body` with this name as OpenSSL holds it.
    func withName<Result>(_ body: (OpaquePointer) throws(OpenSSLError) -> Result) throws(OpenSSLError) -> Result {
        guard let name = X509_NAME_new() else { throw .last("build name") }
        defer { X509_NAME_free(name) }
        for attributes in relativeNames {
            for (index, attribute) in attributes.enumerated() { try Self.append(attribute, joined: index > 0, to: name) }
        }
        return try body(name)
    }

    /// `joined` puts the attribute into the relative name that is last, which makes that one multi-valued.
    private static func append(_ attribute: Attribute, joined: Bool, to name: OpaquePointer) throws(OpenSSLError) {
        guard let type = OBJ_txt2obj(attribute.type, 1) else { throw .last("build name") }
        defer { ASN1_OBJECT_free(type) }
        let text = Array(attribute.text.utf8)
        let encoding = attribute.encoding == .printableString ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING
        guard X509_NAME_add_entry_by_OBJ(name, type, encoding, text, Int32(text.count), -1, joined ? -1 : 0) == 1 else {
            throw .last("build name")
        }
    }
}
