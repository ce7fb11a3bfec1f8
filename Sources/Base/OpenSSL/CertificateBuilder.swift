internal import COpenSSL

/// The content of a certificate that a test authority is about to sign (RFC 5280 §4.1).
package struct CertificateBuilder: Sendable {
    /// Unsigned, most significant byte first.
    package var serial: [UInt8]
    package var issuer: DistinguishedName
    package var subject: DistinguishedName
    /// Seconds since 1970.
    package var notBefore: Int64
    /// Seconds since 1970.
    package var notAfter: Int64
    package var publicKey: PublicKey
    package var extensions: [CertificateExtension]

    package init(
        serial: [UInt8], issuer: DistinguishedName, subject: DistinguishedName, notBefore: Int64, notAfter: Int64,
        publicKey: PublicKey, extensions: [CertificateExtension]
    ) {
        self.serial = serial
        self.issuer = issuer
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.publicKey = publicKey
        self.extensions = extensions
    }

    /// Signs with SHA-256 and RSA by PKCS#1 v1.5.
    package func signed(by key: PrivateKey) throws(OpenSSLError) -> Certificate {
        guard let pointer = X509_new() else { throw .last("build certificate") }
        let certificate = Certificate(owning: pointer)
        let number = try serialNumber(serial)
        defer { ASN1_INTEGER_free(number) }
        guard X509_set_version(pointer, 2) == 1, X509_set_serialNumber(pointer, number) == 1,
            X509_set_pubkey(pointer, publicKey.pointer) == 1
        else { throw .last("build certificate") }
        try named(issuer) { X509_set_issuer_name(pointer, $0) }
        try named(subject) { X509_set_subject_name(pointer, $0) }
        try dated(notBefore) { X509_set1_notBefore(pointer, $0) }
        try dated(notAfter) { X509_set1_notAfter(pointer, $0) }
        for each in extensions { try each.add { X509_add_ext(pointer, $0, -1) } }
        guard X509_sign(pointer, key.pointer, EVP_sha256()) > 0 else { throw .last("sign certificate") }
        return certificate
    }
}

/// Runs `set` with `name`; it copies and answers 1.
func named(_ name: DistinguishedName, _ set: (OpaquePointer) -> Int32) throws(OpenSSLError) {
    let done = try name.withName { (pointer) throws(OpenSSLError) in set(pointer) }
    guard done == 1 else { throw .last("set name") }
}

/// Runs `set` with the time `seconds` after 1970; it copies and answers 1.
func dated(_ seconds: Int64, _ set: (UnsafeMutablePointer<ASN1_TIME>) -> Int32) throws(OpenSSLError) {
    guard let time = ASN1_TIME_set(nil, Int(seconds)) else { throw .last("set time") }
    defer { ASN1_TIME_free(time) }
    guard set(time) == 1 else { throw .last("set time") }
}

/// An INTEGER from unsigned bytes; the caller frees it.
func serialNumber(_ bytes: [UInt8]) throws(OpenSSLError) -> UnsafeMutablePointer<ASN1_INTEGER> {
    guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { throw .last("set serial number") }
    defer { BN_free(number) }
    guard let integer = BN_to_ASN1_INTEGER(number, nil) else { throw .last("set serial number") }
    return integer
}

extension PublicKey {
    /// SHA-1 of the key's BIT STRING content: the key identifier of RFC 5280 §4.2.1.2, method 1.
    package func keyIdentifier() throws(OpenSSLError) -> [UInt8] {
        ResumedHash.sha1.digest(try der("write public key") { i2d_PublicKey(pointer, $0) })
    }
}
