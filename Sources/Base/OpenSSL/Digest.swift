internal import COpenSSL

/// SHA-256 of bytes (FIPS 180-4).
package func sha256(_ bytes: [UInt8]) throws(OpenSSLError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil) == 1, count == 32 else { throw .last("hash") }
    return digest
}
