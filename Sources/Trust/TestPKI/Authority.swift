import OpenSSL
import Primitives

/// A root or issuing authority: its certificate and the key that signs with it.
struct Authority: Sendable {
    let name: DistinguishedName
    let certificate: Certificate
    let key: PrivateKey

    /// 2013-06-25 to 2033-06-25, as the published roots; issuing authorities end a day earlier.
    private static let begin: Int64 = 1_372_118_400
    private static let end: Int64 = 2_003_270_400

    static func root(_ names: AuthorityNames, bits: Int, random: any RandomSource) throws(TestPKIError) -> Authority {
        let key = try crypto { () throws(OpenSSLError) in try PrivateKey.generateRSA(bits: bits) }
        let identifier = try identifier(of: key)
        let extensions = [
            Extensions.authority(pathLength: nil),
            Extensions.keyUsage([Extensions.Usage.certificateSigning, Extensions.Usage.listSigning]),
            Extensions.policy(ObjectIdentifier.anyPolicy),
            Extensions.subjectKey(identifier),
            Extensions.authorityKey(identifier),
            Extensions.distribution(file: RevocationListFile.root, directory: names.rootEntry),
        ]
        let certificate = try certify(
            names.root, key, extensions, by: names.root, signingKey: key, lastDay: end, random: random)
        return Authority(name: names.root, certificate: certificate, key: key)
    }

    /// An issuing authority under this root.
    func issuing(_ names: AuthorityNames, bits: Int, random: any RandomSource) throws(TestPKIError) -> Authority {
        let issuingKey = try crypto { () throws(OpenSSLError) in try PrivateKey.generateRSA(bits: bits) }
        let extensions = [
            Extensions.authority(pathLength: 0),
            Extensions.keyUsage([Extensions.Usage.certificateSigning, Extensions.Usage.listSigning]),
            Extensions.policy(ObjectIdentifier.anyPolicy),
            Extensions.subjectKey(try Self.identifier(of: issuingKey)),
            Extensions.authorityKey(try keyIdentifier()),
            Extensions.distribution(file: RevocationListFile.root, directory: names.rootEntry),
        ]
        let certificate = try Self.certify(
            names.issuing, issuingKey, extensions, by: name, signingKey: key, lastDay: Self.end - 86_400, random: random)
        return Authority(name: names.issuing, certificate: certificate, key: issuingKey)
    }

    func keyIdentifier() throws(TestPKIError) -> [UInt8] { try Self.identifier(of: key) }

    static func identifier(of key: PrivateKey) throws(TestPKIError) -> [UInt8] {
        try crypto { () throws(OpenSSLError) in try key.publicKey().keyIdentifier() }
    }

    /// Eighteen bytes beginning 1120, as all serial numbers of the published hierarchy.
    static func serial(_ random: any RandomSource) -> [UInt8] { [0x11, 0x20] + random.bytes(16) }

    private static func certify(
        _ subject: DistinguishedName, _ key: PrivateKey, _ extensions: [CertificateExtension], by issuer: DistinguishedName,
        signingKey: PrivateKey, lastDay: Int64, random: any RandomSource
    ) throws(TestPKIError) -> Certificate {
        try crypto { () throws(OpenSSLError) in
            try CertificateBuilder(
                serial: serial(random), issuer: issuer, subject: subject, notBefore: begin, notAfter: lastDay,
                publicKey: key.publicKey(), extensions: extensions
            ).signed(by: signingKey)
        }
    }
}

/// File names of the revocation lists, in the folder and in the distribution points.
enum RevocationListFile {
    static let root = "ACR-FO-TEST.crl"
    static let issuing = "ACI-FO-PP-TEST.crl"
}
