internal import OpenSSL
package import Primitives

/// What a certificate is to be used for.
package enum Purpose: Hashable, Sendable {
    /// Prove the holder of a card by its authentication key.
    case login
    /// Prove a card by its technical key, without its holder.
    case card
    /// Commit the holder of a card by its signature key.
    case signature
}

extension TrustStore {
    /// Checks one certificate in DER at the time `time`: path to an anchor, dates, key usage, strength, environment.
    ///
    /// Revocation is another question, which ``VerifiedCertificate/issuers`` serves.
    package func verify(
        _ der: [UInt8], for purpose: Purpose = .login, at time: Timestamp
    ) throws(CertificateRefusal) -> VerifiedCertificate {
        let (certificate, key) = try Self.read(der)
        let fields = try CertificateFields(reading: certificate)
        let chain = try path(from: certificate, fields: fields, at: time)
        // How the subject of a technical certificate is written is not published; its anchors tell the environment.
        if purpose != .card { try checkEnvironment(of: fields) }
        try checkUsage(of: fields, for: purpose)
        guard key.isStrong else { throw .weak }
        var issuers: [CertificateFields] = []
        for issuer in chain.dropFirst() {
            guard let fingerprint = try? issuer.sha256Fingerprint(), let known = known[fingerprint] else { throw .malformed }
            issuers.append(known.fields)
        }
        return VerifiedCertificate(
            der: der, fields: fields, publicKey: key, isTest: environment == .test, verifiedAt: time, issuers: issuers)
    }

    private static func read(_ der: [UInt8]) throws(CertificateRefusal) -> (Certificate, PublicKey) {
        guard der.count <= CertificateFields.sizeLimit else { throw .malformed }
        do {
            let certificate = try Certificate(der: der)
            return (certificate, try certificate.publicKey())
        } catch {
            throw .malformed
        }
    }

    private func path(
        from certificate: Certificate, fields: CertificateFields, at time: Timestamp
    ) throws(CertificateRefusal) -> [Certificate] {
        do {
            return try verifier.chain(of: certificate, at: time.seconds)
        } catch {
            switch error {
            case .expired(depth: 0): throw .expired(fields.notAfter)
            case .notYetValid(depth: 0): throw .notYetValid(fields.notBefore)
            case .expired, .notYetValid: throw .untrusted(.authorityOutsideDates)
            case .weak: throw .weak
            case .noIssuer: throw fields.issuer.environment == environment ? .untrusted(.unknownIssuer) : .environmentMismatch
            case .badSignature: throw .untrusted(.badSignature)
            case .invalid(let reason, _): throw .untrusted(.invalidPath(reason))
            }
        }
    }

    private func checkEnvironment(of fields: CertificateFields) throws(CertificateRefusal) {
        guard try fields.environmentMarkers() == [environment] else { throw .environmentMismatch }
    }

    /// The signature key of a card has nonRepudiation alone: a challenge signed with it would be a signature in law.
    private func checkUsage(of fields: CertificateFields, for purpose: Purpose) throws(CertificateRefusal) {
        switch purpose {
        case .login:
            guard !fields.isAuthority, let usage = fields.keyUsage, usage.digitalSignature else { throw .wrongUsage }
            if rules.requiresClientAuthentication, fields.allowsClientAuthentication != true { throw .wrongUsage }
        case .signature:
            guard !fields.isAuthority, fields.keyUsage?.nonRepudiation == true else { throw .wrongUsage }
        case .card:
            guard !fields.isAuthority, fields.keyUsage?.digitalSignature ?? true else { throw .wrongUsage }
        }
    }
}
