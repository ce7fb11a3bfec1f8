internal import OpenSSL
package import Primitives

/// What a certificate says, read and not judged: for show before the PIN, or inside a ``VerifiedCertificate``.
package struct CertificateFields: Hashable, Sendable {
    package let subject: DistinguishedName
    package let issuer: DistinguishedName
    /// Big-endian, without leading zeros.
    package let serialNumber: [UInt8]
    /// First and last instant of validity, both valid.
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    /// The signing bits of KeyUsage; `nil` when there is no such extension.
    package let keyUsage: KeyUsage?
    /// `nil` when there is no extended key usage.
    package let allowsClientAuthentication: Bool?
    /// Basic constraints: cA.
    package let isAuthority: Bool
    /// Bytes inside the OCTET STRING of each extension, by dotted OID.
    package let extensions: [String: [UInt8]]
    /// SHA-256 of the DER bytes.
    package let fingerprint: [UInt8]

    package struct KeyUsage: Hashable, Sendable {
        package let digitalSignature: Bool
        package let nonRepudiation: Bool
    }

    /// The subject's; an authority is known to people by it.
    package var commonName: String? { subject.values(DistinguishedName.AttributeType.commonName).first }

    /// Larger than any certificate of a card, smaller than what could hurt.
    package static let sizeLimit = 16_384

    /// Reads one certificate in DER. Throws `.malformed` for anything else, an extension that is there twice included.
    package init(der: [UInt8]) throws(CertificateRefusal) {
        guard der.count <= Self.sizeLimit, let certificate = try? Certificate(der: der) else { throw .malformed }
        try self.init(reading: certificate)
    }

    /// What a certificate that is already taken apart says.
    init(reading certificate: Certificate) throws(CertificateRefusal) {
        do {
            try self.init(certificate)
        } catch {
            throw .malformed
        }
    }

    private init(_ certificate: Certificate) throws {
        guard certificate.hasReadableExtensions else { throw CertificateRefusal.malformed }
        subject = DistinguishedName(try certificate.subject())
        issuer = DistinguishedName(try certificate.issuer())
        serialNumber = certificate.serialNumber
        let validity = try certificate.validity()
        notBefore = Timestamp(seconds: validity.notBefore)
        notAfter = Timestamp(seconds: validity.notAfter)
        keyUsage = certificate.keyUsage.map { KeyUsage(digitalSignature: $0.digitalSignature, nonRepudiation: $0.nonRepudiation) }
        allowsClientAuthentication = certificate.allowsClientAuthentication
        isAuthority = certificate.isAuthority
        let found = try certificate.extensions()
        extensions = Dictionary(found.map { ($0.oid, $0.value) }, uniquingKeysWith: { first, _ in first })
        guard extensions.count == found.count else { throw CertificateRefusal.malformed }
        fingerprint = try certificate.sha256Fingerprint()
    }
}
