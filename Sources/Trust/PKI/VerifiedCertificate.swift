package import OpenSSL
package import Primitives

/// A certificate that ``TrustStore/verify(_:for:at:)`` accepted. Only this room can make one.
package struct VerifiedCertificate: Sendable {
    package let der: [UInt8]
    package let fields: CertificateFields
    package let publicKey: PublicKey
    /// Whether its anchors are those of the test hierarchy.
    package let isTest: Bool
    /// When it was found good.
    package let verifiedAt: Timestamp
    /// Its issuers from the one that signed it up to the anchor: whose revocation lists decide about it.
    package let issuers: [CertificateFields]

    /// SHA-256 of the DER bytes.
    package var fingerprint: [UInt8] { fields.fingerprint }

    init(der: [UInt8], fields: CertificateFields, publicKey: PublicKey, isTest: Bool, verifiedAt: Timestamp, issuers: [CertificateFields]) {
        self.der = der
        self.fields = fields
        self.publicKey = publicKey
        self.isTest = isTest
        self.verifiedAt = verifiedAt
        self.issuers = issuers
    }
}
