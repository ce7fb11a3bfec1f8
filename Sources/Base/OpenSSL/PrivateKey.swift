internal import COpenSSL

/// A private key held in memory: of the virtual card and of test authorities only.
package final class PrivateKey: @unchecked Sendable {
    // Sendable: one reference owned, released in `deinit`, never changed after `init`; OpenSSL counts references atomically.
    let pointer: OpaquePointer

    private init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// Makes a new RSA key with exponent 65537.
    package static func generateRSA(bits: Int) throws(OpenSSLError) -> PrivateKey {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else { throw .last("generate key") }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1,
            EVP_PKEY_generate(context, &key) == 1, let key
        else { throw .last("generate key") }
        return PrivateKey(owning: key)
    }

    /// An unencrypted key in PEM (RFC 5958).
    package convenience init(pem: [UInt8]) throws(OpenSSLError) {
        self.init(owning: try reading("read private key", pem) { PEM_read_bio_PrivateKey($0, nil, nil, nil) })
    }

    /// Unencrypted PKCS#8 in PEM.
    package func pem() throws(OpenSSLError) -> [UInt8] {
        try written("write private key") { PEM_write_bio_PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
    }

    package func publicKey() throws(OpenSSLError) -> PublicKey {
        let encoded = try der("write public key") { i2d_PUBKEY(pointer, $0) }
        return try PublicKey(der: encoded)
    }

    /// RSA with the padding done by the caller (`raw`: a block as long as the modulus) or PKCS#1 v1.5 type 1 around `input`.
    package func sign(_ input: [UInt8], raw: Bool) throws(OpenSSLError) -> [UInt8] {
        guard let context = EVP_PKEY_CTX_new(pointer, nil) else { throw .last("sign") }
        defer { EVP_PKEY_CTX_free(context) }
        var length = Int(EVP_PKEY_get_size(pointer))
        var output = [UInt8](repeating: 0, count: length)
        guard EVP_PKEY_sign_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, raw ? RSA_NO_PADDING : RSA_PKCS1_PADDING) == 1,
            EVP_PKEY_sign(context, &output, &length, input, input.count) == 1
        else { throw .last("sign") }
        return Array(output[..<length])
    }

    /// RSA decryption of a cryptogram padded by PKCS#1 v1.5 type 2.
    package func decrypt(_ cryptogram: [UInt8]) throws(OpenSSLError) -> [UInt8] {
        guard let context = EVP_PKEY_CTX_new(pointer, nil) else { throw .last("decrypt") }
        defer { EVP_PKEY_CTX_free(context) }
        var length = Int(EVP_PKEY_get_size(pointer))
        var output = [UInt8](repeating: 0, count: length)
        guard EVP_PKEY_decrypt_init(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1,
            EVP_PKEY_decrypt(context, &output, &length, cryptogram, cryptogram.count) == 1
        else { throw .last("decrypt") }
        return Array(output[..<length])
    }
}
