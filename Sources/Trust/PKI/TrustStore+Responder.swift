package import OpenSSL
package import Primitives

extension TrustStore {
    /// Whether `signer` may answer for what an authority issued (RFC 6960 §4.2.2.2): that authority itself, or a certificate that it
    /// issued itself for this, with a good path, in its dates and strong.
    ///
    /// - Parameter authority: SHA-256 of the authority's certificate.
    package func mayAnswer(_ signer: Certificate, for authority: [UInt8], at time: Timestamp) -> Bool {
        guard let chain = try? verifier.chain(of: signer, at: time.seconds),
            let fingerprints = try? chain.prefix(2).map({ try $0.sha256Fingerprint() })
        else { return false }
        if fingerprints.first == authority { return true }
        guard signer.maySignStatus, !signer.isAuthority, fingerprints.count == 2, fingerprints[1] == authority,
            let key = try? signer.publicKey()
        else { return false }
        return key.isStrong
    }
}

extension PublicKey {
    /// RSA of 2048 bits or an elliptic curve of 256, at least.
    var isStrong: Bool { isRSA ? bits >= 2048 : isEllipticCurve && bits >= 256 }
}
