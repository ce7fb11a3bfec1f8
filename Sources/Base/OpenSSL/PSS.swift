internal import COpenSSL

extension PrivateKey {
    /// RSASSA-PSS over a digest, MGF1 with the same hash, salt as long as the digest (RFC 8017 §8.1).
    package func signPSS(digest: [UInt8], hash: ResumedHash) throws(OpenSSLError) -> [UInt8] {
        guard let context = EVP_PKEY_CTX_new(pointer, nil) else { throw .last("sign") }
        defer { EVP_PKEY_CTX_free(context) }
        var length = Int(EVP_PKEY_get_size(pointer))
        var output = [UInt8](repeating: 0, count: length)
        let algorithm = hash == .sha1 ? EVP_sha1() : EVP_sha256()
        guard EVP_PKEY_sign_init(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1,
            EVP_PKEY_CTX_set_signature_md(context, algorithm) == 1,
            EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1,
            EVP_PKEY_sign(context, &output, &length, digest, digest.count) == 1
        else { throw .last("sign") }
        return Array(output[..<length])
    }
}
