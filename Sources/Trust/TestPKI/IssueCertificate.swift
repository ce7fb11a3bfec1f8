import OpenSSL
import Primitives

extension TestHierarchy {
    /// Makes a key of `bits` and a certificate of `kind` for it.
    ///
    /// With the wrong usage an authentication certificate is for signatures of commitment, and the other way round. A wrong issuer and a
    /// foreign hierarchy are made for this one certificate and forgotten.
    package func issue(
        _ role: CertificateRole, for holder: TestHolder, kind: CertificateKind = .valid, bits: Int = 2048
    ) throws(TestPKIError) -> IssuedCertificate {
        let key = try crypto { () throws(OpenSSLError) in try PrivateKey.generateRSA(bits: bits) }
        let signer = try signer(for: kind, bits: bits)
        let serial = Authority.serial(random)
        let validity = kind.validity(at: time.now().seconds)
        let extensions = try extensions(role, holder, kind, signer, subjectKey: Authority.identifier(of: key), validity)
        let issued = try crypto { () throws(OpenSSLError) in
            let certificate = try CertificateBuilder(
                serial: serial, issuer: signer.name, subject: holder.distinguishedName, notBefore: validity.from,
                notAfter: validity.to, publicKey: key.publicKey(), extensions: extensions
            ).signed(by: signer.key)
            return IssuedCertificate(role: role, certificate: try certificate.derBytes(), privateKey: try key.pem())
        }
        if kind == .revoked { try revoke(serial: serial) }
        return issued
    }

    /// Who signs: for a wrong issuer, another key under the right name and certificate.
    private func signer(for kind: CertificateKind, bits: Int) throws(TestPKIError) -> Authority {
        switch kind {
        case .foreign:
            return try Authority.root(.foreign, bits: bits, random: random).issuing(.foreign, bits: bits, random: random)
        case .wrongIssuer:
            let key = try crypto { () throws(OpenSSLError) in try PrivateKey.generateRSA(bits: bits) }
            return Authority(name: issuing.name, certificate: issuing.certificate, key: key)
        case .valid, .expired, .revoked, .notYetValid, .wrongUsage:
            return issuing
        }
    }

    private func extensions(
        _ role: CertificateRole, _ holder: TestHolder, _ kind: CertificateKind, _ signer: Authority, subjectKey: [UInt8],
        _ validity: (from: Int64, to: Int64)
    ) throws(TestPKIError) -> [CertificateExtension] {
        let names: AuthorityNames = kind == .foreign ? .foreign : .fort
        let issuerKey = try kind == .foreign ? signer.keyIdentifier() : issuing.keyIdentifier()
        var extensions = [
            Extensions.endEntity,
            Extensions.keyUsage(Self.usage(role, kind)),
            Extensions.extendedKeyUsage(
                role == .signature ? ObjectIdentifier.emailProtection : ObjectIdentifier.clientAuthentication),
            Extensions.policy(ObjectIdentifier.testPolicy),
            Extensions.subjectKey(subjectKey),
            Extensions.authorityKey(issuerKey),
            Extensions.distribution(file: RevocationListFile.issuing, directory: names.issuingEntry),
            Extensions.freshest(directory: names.issuingEntry),
            Extensions.information(file: "ACI-FO-PP-TEST.cer"),
        ]
        if role == .signature {
            extensions.append(
                Extensions.keyPeriod(
                    from: Timestamp(seconds: validity.from).description, to: Timestamp(seconds: validity.to).description))
        }
        return extensions + holder.privateExtensions
    }

    private static func usage(_ role: CertificateRole, _ kind: CertificateKind) -> [Int] {
        switch (role, kind) {
        case (.signature, .wrongUsage): [Extensions.Usage.digitalSignature]
        case (.signature, _), (.authentication, .wrongUsage), (.technical, .wrongUsage): [Extensions.Usage.nonRepudiation]
        case (.authentication, _), (.technical, _): [Extensions.Usage.digitalSignature]
        }
    }
}
