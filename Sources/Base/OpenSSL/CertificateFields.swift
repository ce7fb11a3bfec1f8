internal import COpenSSL

/// What a certificate says (RFC 5280 §4.1, §4.2), read and not judged. Texts and sizes are the issuer's own.
extension Certificate {
    /// One attribute of a name: its type as a dotted OID, its value as text.
    package typealias NameAttribute = (type: String, value: String)

    /// The relative names of the subject in encoding order; the attributes of one relative name stay together.
    package func subject() throws(OpenSSLError) -> [[NameAttribute]] { try relativeNames(X509_get_subject_name(pointer)) }

    /// The relative names of the issuer, shaped as those of ``subject()``.
    package func issuer() throws(OpenSSLError) -> [[NameAttribute]] { try relativeNames(X509_get_issuer_name(pointer)) }

    /// The subject in DER, as it stands in the certificate.
    package func subjectBytes() throws(OpenSSLError) -> [UInt8] {
        try der("write name") { i2d_X509_NAME(X509_get_subject_name(pointer), $0) }
    }

    /// The subject key identifier (RFC 5280 §4.2.1.2); `nil` when there is none.
    package var subjectKeyIdentifier: [UInt8]? { X509_get0_subject_key_id(pointer).map { bytes(of: $0) } }

    /// The magnitude of the serial number, big-endian, without leading zeros (RFC 5280 §4.1.2.2 allows 20 bytes).
    package var serialNumber: [UInt8] { bytes(of: X509_get0_serialNumber(pointer)) }

    /// First and last second of validity, since 1970-01-01T00:00:00Z.
    package func validity() throws(OpenSSLError) -> (notBefore: Int64, notAfter: Int64) {
        (try seconds(X509_get0_notBefore(pointer)), try seconds(X509_get0_notAfter(pointer)))
    }

    /// SHA-256 of the DER bytes.
    package func sha256Fingerprint() throws(OpenSSLError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        guard X509_digest(pointer, EVP_sha256(), &digest, &count) == 1, count == 32 else { throw .last("hash certificate") }
        return digest
    }

    /// Whether its standard extensions can be read and none of them is there twice.
    package var hasReadableExtensions: Bool { X509_get_extension_flags(pointer) & UInt32(EXFLAG_INVALID) == 0 }

    /// Basic constraints: cA (RFC 5280 §4.2.1.9).
    package var isAuthority: Bool { X509_get_extension_flags(pointer) & UInt32(EXFLAG_CA) != 0 }

    /// Whether subject and issuer are the same name and its own key made its signature.
    package var isSelfSigned: Bool {
        defer { ERR_clear_error() }
        return X509_self_signed(pointer, 1) == 1
    }

    /// The two signing bits of KeyUsage (RFC 5280 §4.2.1.3); `nil` when there is no such extension.
    package var keyUsage: (digitalSignature: Bool, nonRepudiation: Bool)? {
        let bits = X509_get_key_usage(pointer)
        guard bits != UInt32.max else { return nil }
        return (bits & UInt32(KU_DIGITAL_SIGNATURE) != 0, bits & UInt32(KU_NON_REPUDIATION) != 0)
    }

    /// KeyUsage: cRLSign (RFC 5280 §4.2.1.3). A certificate without that extension restricts nothing.
    package var maySignRevocationLists: Bool { X509_get_key_usage(pointer) & UInt32(KU_CRL_SIGN) != 0 }

    /// Whether the extended key usage names client authentication; `nil` when there is no such extension.
    package var allowsClientAuthentication: Bool? {
        let bits = X509_get_extended_key_usage(pointer)
        guard bits != UInt32.max else { return nil }
        return bits & UInt32(XKU_SSL_CLIENT) != 0
    }

    /// Whether its signature is made over SHA-256 or longer, by RSA or ECDSA.
    package var hasStrongSignature: Bool {
        var (digest, key, bits, flags): (Int32, Int32, Int32, UInt32) = (NID_undef, NID_undef, 0, 0)
        defer { ERR_clear_error() }
        return X509_get_signature_info(pointer, &digest, &key, &bits, &flags) == 1
            && strongDigests.contains(digest)
    }

    /// Whether the extended key usage names the signing of OCSP answers (RFC 6960 §4.2.2.2).
    package var maySignStatus: Bool {
        let bits = X509_get_extended_key_usage(pointer)
        return bits != UInt32.max && bits & UInt32(XKU_OCSP_SIGN) != 0
    }

    /// Every extension: its OID and the bytes inside its OCTET STRING.
    package func extensions() throws(OpenSSLError) -> [(oid: String, value: [UInt8])] {
        var extensions: [(oid: String, value: [UInt8])] = []
        for index in 0..<max(0, X509_get_ext_count(pointer)) {
            guard let item = X509_get_ext(pointer, index) else { throw .last("read extension") }
            extensions.append((try dotted(X509_EXTENSION_get_object(item)), bytes(of: X509_EXTENSION_get_data(item))))
        }
        return extensions
    }
}

private func relativeNames(_ name: OpaquePointer?) throws(OpenSSLError) -> [[Certificate.NameAttribute]] {
    var names: [[Certificate.NameAttribute]] = []
    var group: Int32?
    for index in 0..<max(0, X509_NAME_entry_count(name)) {
        guard let entry = X509_NAME_get_entry(name, index) else { throw .last("read name") }
        let attribute = (type: try dotted(X509_NAME_ENTRY_get_object(entry)), value: try text(X509_NAME_ENTRY_get_data(entry)))
        let set = X509_NAME_ENTRY_set(entry)
        if set == group { names[names.count - 1].append(attribute) } else { names.append([attribute]) }
        group = set
    }
    return names
}

/// UTF-8 of any ASN.1 string type; a text that breaks its own encoding is an error.
private func text(_ string: UnsafeMutablePointer<ASN1_STRING>?) throws(OpenSSLError) -> String {
    var output: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&output, string)
    guard count >= 0, let start = output else { throw .last("read text") }
    defer { shim_free(start) }
    return String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
}

private func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
}

private func dotted(_ object: OpaquePointer?) throws(OpenSSLError) -> String {
    var characters = [CChar](repeating: 0, count: 256)
    let count = OBJ_obj2txt(&characters, Int32(characters.count), object, 1)
    guard count > 0, count < characters.count else { throw .last("read object identifier") }
    return String(decoding: characters[..<Int(count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// What a signature that is relied on may be made over.
let strongDigests: Set<Int32> = [NID_sha256, NID_sha384, NID_sha512]

/// Since 1970-01-01T00:00:00Z.
func seconds(_ time: UnsafePointer<ASN1_TIME>?) throws(OpenSSLError) -> Int64 {
    guard let epoch = ASN1_TIME_set(nil, 0) else { throw .last("read time") }
    defer { ASN1_STRING_free(epoch) }
    var days: Int32 = 0
    var rest: Int32 = 0
    guard ASN1_TIME_diff(&days, &rest, epoch, time) == 1 else { throw .last("read time") }
    return Int64(days) * 86_400 + Int64(rest)
}
