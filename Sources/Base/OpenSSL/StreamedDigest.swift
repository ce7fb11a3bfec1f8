internal import COpenSSL

/// The digest of bytes that come in pieces (FIPS 180-4).
package final class StreamedDigest {
    package enum Algorithm: Hashable, Sendable {
        case sha256, sha384, sha512

        var implementation: OpaquePointer? {
            switch self {
            case .sha256: EVP_sha256()
            case .sha384: EVP_sha384()
            case .sha512: EVP_sha512()
            }
        }
    }

    package let algorithm: Algorithm
    private let context: OpaquePointer

    package init(_ algorithm: Algorithm) throws(OpenSSLError) {
        guard let context = EVP_MD_CTX_new() else { throw .last("begin hash") }
        self.algorithm = algorithm
        self.context = context
        guard EVP_DigestInit_ex(context, algorithm.implementation, nil) == 1 else { throw .last("begin hash") }
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes in the bytes of `range`, which lie inside the array.
    package func update(_ bytes: [UInt8], _ range: Range<Int>) throws(OpenSSLError) {
        let done = bytes.withUnsafeBytes { buffer in
            buffer.isEmpty ? 1 : EVP_DigestUpdate(context, UnsafeRawBufferPointer(rebasing: buffer[range]).baseAddress, range.count)
        }
        guard done == 1 else { throw .last("hash") }
    }

    /// The digest of all that came. Nothing may come after.
    package func finish() throws(OpenSSLError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else { throw .last("hash") }
        return Array(digest[..<Int(count)])
    }
}

extension PublicKey {
    /// Whether `signature` is RSASSA-PKCS1-v1_5 (RFC 8017 §8.2) or ECDSA over a message with this digest.
    package func verifies(signature: [UInt8], digest: [UInt8], _ algorithm: StreamedDigest.Algorithm) -> Bool {
        guard let context = EVP_PKEY_CTX_new(pointer, nil) else { return false }
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_PKEY_verify_init(context) == 1 else { return false }
        if isRSA, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1 { return false }
        guard EVP_PKEY_CTX_set_signature_md(context, algorithm.implementation) == 1 else { return false }
        return EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
    }
}
