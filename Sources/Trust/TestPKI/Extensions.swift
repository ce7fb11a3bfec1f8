import OpenSSL

/// The standard extensions of test certificates (RFC 5280 §4.2), with the addresses that the published TEST certificates name.
enum Extensions {
    private static let site = "http://igc-sante.esante.gouv.fr"

    /// Bits of KeyUsage (RFC 5280 §4.2.1.3).
    enum Usage {
        static let digitalSignature = 0
        static let nonRepudiation = 1
        static let certificateSigning = 5
        static let listSigning = 6
    }

    static func keyUsage(_ bits: [Int]) -> CertificateExtension {
        CertificateExtension(ObjectIdentifier.keyUsage, critical: true, DER.bits(bits))
    }

    static func extendedKeyUsage(_ purpose: String) -> CertificateExtension {
        CertificateExtension(ObjectIdentifier.extendedKeyUsage, DER.sequence(DER.objectIdentifier(purpose)))
    }

    static func authority(pathLength: UInt64?) -> CertificateExtension {
        let truth: [UInt8] = [0x01, 0x01, 0xFF]
        let content = pathLength.map { DER.sequence(truth, DER.integer($0)) } ?? DER.sequence(truth)
        return CertificateExtension(ObjectIdentifier.basicConstraints, critical: true, content)
    }

    static let endEntity = CertificateExtension(ObjectIdentifier.basicConstraints, DER.sequence())

    static func subjectKey(_ identifier: [UInt8]) -> CertificateExtension {
        CertificateExtension(ObjectIdentifier.subjectKeyIdentifier, DER.octetString(identifier))
    }

    static func authorityKey(_ identifier: [UInt8]) -> CertificateExtension {
        CertificateExtension(ObjectIdentifier.authorityKeyIdentifier, DER.sequence(DER.tagged(0x80, identifier)))
    }

    /// The policy with the pointer that marks the test hierarchy.
    static func policy(_ identifier: String) -> CertificateExtension {
        let pointer = DER.sequence(DER.objectIdentifier(ObjectIdentifier.policyPointer), DER.ia5String("\(site)/PC%20TEST"))
        let information = DER.sequence(DER.objectIdentifier(identifier), DER.sequence(pointer))
        return CertificateExtension(ObjectIdentifier.policies, DER.sequence(information))
    }

    /// Where the full list is: over HTTP, then in the directory.
    static func distribution(file: String, directory entry: String) -> CertificateExtension {
        CertificateExtension(
            ObjectIdentifier.distributionPoints,
            DER.sequence(
                point("\(site)/CRL/\(file)"), point("\(entry)?certificaterevocationlist;binary?base?objectClass=pkiCA")))
    }

    /// Where the delta list is: in the directory alone.
    static func freshest(directory entry: String) -> CertificateExtension {
        CertificateExtension(
            ObjectIdentifier.freshestList, DER.sequence(point("\(entry)?deltarevocationlist;binary?base?objectClass=pkiCA")))
    }

    /// Where the issuer's certificate and its OCSP responder are.
    static func information(file: String) -> CertificateExtension {
        CertificateExtension(
            ObjectIdentifier.authorityInformation,
            DER.sequence(
                access(ObjectIdentifier.issuerCertificates, "\(site)/AC%20TEST/\(file)"),
                access(ObjectIdentifier.statusProtocol, "http://ocsp.esante.gouv.fr")))
    }

    /// PrivateKeyUsagePeriod; both times in RFC 3339.
    static func keyPeriod(from begin: String, to end: String) -> CertificateExtension {
        let times = [begin, end].map { Array(DER.generalizedTime($0).dropFirst()) }
        return CertificateExtension(
            ObjectIdentifier.privateKeyUsagePeriod, DER.sequence([0x80] + times[0], [0x81] + times[1]))
    }

    private static func point(_ address: String) -> [UInt8] {
        DER.sequence(DER.tagged(0xA0, DER.tagged(0xA0, DER.tagged(0x86, Array(address.utf8)))))
    }

    private static func access(_ method: String, _ address: String) -> [UInt8] {
        DER.sequence(DER.objectIdentifier(method), DER.tagged(0x86, Array(address.utf8)))
    }
}
