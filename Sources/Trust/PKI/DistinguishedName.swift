internal import OpenSSL

/// A name as a certificate writes it (RFC 5280 §4.1.2.4). Attributes are asked for by type, never by place: the attributes of one
/// relative name are a SET, whose order changes from one certificate to the next.
package struct DistinguishedName: Hashable, Sendable {
    package struct Attribute: Hashable, Sendable {
        /// Dotted OID.
        package let type: String
        package let value: String

        package init(type: String, value: String) {
            self.type = type
            self.value = value
        }
    }

    /// Attribute types of X.520 that the certificates of this sector use.
    package enum AttributeType {
        package static let commonName = "2.5.4.3"
        package static let surname = "2.5.4.4"
        package static let country = "2.5.4.6"
        package static let organization = "2.5.4.10"
        package static let organizationalUnit = "2.5.4.11"
        package static let title = "2.5.4.12"
        package static let givenName = "2.5.4.42"
        package static let pseudonym = "2.5.4.65"
    }

    /// Relative names in encoding order, each with one attribute or more.
    package let relativeNames: [[Attribute]]

    package init(relativeNames: [[Attribute]]) { self.relativeNames = relativeNames }

    /// Values of this type in encoding order.
    package func values(_ type: String) -> [String] {
        relativeNames.flatMap { $0 }.filter { $0.type == type }.map(\.value)
    }

    init(_ names: [[Certificate.NameAttribute]]) {
        self.init(relativeNames: names.map { $0.map { Attribute(type: $0.type, value: $0.value) } })
    }
}
