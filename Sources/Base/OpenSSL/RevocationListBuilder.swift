internal import COpenSSL

/// The content of a certificate revocation list that a test authority is about to sign (RFC 5280 §5.1).
package struct RevocationListBuilder: Sendable {
    package struct Entry: Hashable, Sendable {
        /// Unsigned, most significant byte first.
        package let serial: [UInt8]
        /// Seconds since 1970.
        package let revokedAt: Int64

        package init(serial: [UInt8], revokedAt: Int64) {
            self.serial = serial
            self.revokedAt = revokedAt
        }
    }

    package var issuer: DistinguishedName
    /// Seconds since 1970.
    package var thisUpdate: Int64
    /// Seconds since 1970.
    package var nextUpdate: Int64
    package var entries: [Entry]
    package var extensions: [CertificateExtension]

    package init(
        issuer: DistinguishedName, thisUpdate: Int64, nextUpdate: Int64, entries: [Entry], extensions: [CertificateExtension]
    ) {
        self.issuer = issuer
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        self.entries = entries
        self.extensions = extensions
    }

    /// The list in DER, signed with SHA-256 and RSA by PKCS#1 v1.5.
    package func signed(by key: PrivateKey) throws(OpenSSLError) -> [UInt8] {
        guard let list = X509_CRL_new() else { throw .last("build revocation list") }
        defer { X509_CRL_free(list) }
        guard X509_CRL_set_version(list, 1) == 1 else { throw .last("build revocation list") }
        try named(issuer) { X509_CRL_set_issuer_name(list, $0) }
        try dated(thisUpdate) { X509_CRL_set1_lastUpdate(list, $0) }
        try dated(nextUpdate) { X509_CRL_set1_nextUpdate(list, $0) }
        for entry in entries { try Self.append(entry, to: list) }
        for each in extensions { try each.add { X509_CRL_add_ext(list, $0, -1) } }
        guard X509_CRL_sort(list) == 1, X509_CRL_sign(list, key.pointer, EVP_sha256()) > 0 else {
            throw .last("sign revocation list")
        }
        return try der("write revocation list") { i2d_X509_CRL(list, $0) }
    }

    private static func append(_ entry: Entry, to list: OpaquePointer) throws(OpenSSLError) {
        guard let revoked = X509_REVOKED_new() else { throw .last("build revocation list") }
        do throws(OpenSSLError) {
            let number = try serialNumber(entry.serial)
            defer { ASN1_INTEGER_free(number) }
            guard X509_REVOKED_set_serialNumber(revoked, number) == 1 else { throw .last("build revocation list") }
            try dated(entry.revokedAt) { X509_REVOKED_set_revocationDate(revoked, $0) }
            guard X509_CRL_add0_revoked(list, revoked) == 1 else { throw .last("build revocation list") }
        } catch {
            X509_REVOKED_free(revoked)
            throw error
        }
    }
}
