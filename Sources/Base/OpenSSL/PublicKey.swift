internal import COpenSSL

/// A public key.
package final class PublicKey: @unchecked Sendable {
    // Sendable: one reference owned, released in `deinit`, never changed after `init`; OpenSSL counts references atomically.
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// SubjectPublicKeyInfo in DER (RFC 5280 §4.1).
    package convenience init(der: [UInt8]) throws(OpenSSLError) {
        guard let key = decoding(der, { d2i_PUBKEY(nil, $0, $1) }).object else { throw .last("read public key") }
        self.init(owning: key)
    }

    package var isRSA: Bool { EVP_PKEY_is_a(pointer, "RSA") == 1 }

    /// Whether it is a key of a Weierstrass curve, for ECDSA.
    package var isEllipticCurve: Bool { EVP_PKEY_is_a(pointer, "EC") == 1 }

    /// Size of the modulus or of the curve, in bits.
    package var bits: Int { Int(EVP_PKEY_get_bits(pointer)) }

    /// SubjectPublicKeyInfo in DER (RFC 5280 §4.1).
    package func subjectPublicKeyInfo() throws(OpenSSLError) -> [UInt8] {
        try der("write public key") { i2d_PUBKEY(pointer, $0) }
    }

    /// Whether `signature` is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), or ECDSA with SHA-256, over `message`.
    package func verifiesSHA256(signature: [UInt8], over message: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, pointer) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
