internal import COpenSSL

/// An X.509 certificate as read, not yet trusted (RFC 5280).
package final class Certificate: @unchecked Sendable {
    // Sendable: one reference owned, released in `deinit`, never changed after `init`; OpenSSL guards its own caches with locks.
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    /// Exactly one certificate in DER; bytes after it are an error.
    package convenience init(der: [UInt8]) throws(OpenSSLError) {
        let (certificate, isWhole) = decoding(der) { d2i_X509(nil, $0, $1) }
        guard let certificate else { throw .last("read certificate") }
        self.init(owning: certificate)
        guard isWhole else { throw OpenSSLError("read certificate", reason: "bytes after the certificate") }
    }

    /// The first certificate of a PEM text.
    package convenience init(pem: [UInt8]) throws(OpenSSLError) {
        self.init(owning: try reading("read certificate", pem) { PEM_read_bio_X509($0, nil, nil, nil) })
    }

    /// Every certificate of a PEM text; none is an error.
    package static func all(pem: [UInt8]) throws(OpenSSLError) -> [Certificate] {
        defer { ERR_clear_error() }
        return try reading("read certificates", pem) { bio in
            var found: [Certificate] = []
            while let next = PEM_read_bio_X509(bio, nil, nil, nil) { found.append(Certificate(owning: next)) }
            return found.isEmpty ? nil : found
        }
    }

    package func derBytes() throws(OpenSSLError) -> [UInt8] {
        try OpenSSL.der("write certificate") { i2d_X509(pointer, $0) }
    }

    package func pem() throws(OpenSSLError) -> [UInt8] {
        try written("write certificate") { PEM_write_bio_X509($0, pointer) }
    }

    package func publicKey() throws(OpenSSLError) -> PublicKey {
        guard let key = X509_get_pubkey(pointer) else { throw .last("read public key") }
        return PublicKey(owning: key)
    }
}
