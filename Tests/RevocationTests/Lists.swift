import Foundation
import OpenSSL
import PKI
import Primitives
import Revocation
import TestPKI

/// A test hierarchy with the keys to sign any list, and a folder for the lists of one test.
struct Lists {
    /// Made once: keys are slow to make.
    private static let shared = Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cps-agent-lists-\(UUID().uuidString)").path
        let hierarchy = try TestHierarchy.open(folder)
        let holder = TestHolder(
            familyName: "LIBRE", givenName: "MAX", nationalID: "899900063480", profession: 10, cardNumber: "2600855206")
        let leaves = try (0..<2).map { _ in try hierarchy.issue(.authentication, for: holder).certificate }
        return (folder, leaves[0], leaves[1])
    }

    enum Signer: String {
        case root, issuing
    }

    /// An hour from now, so that the certificate made in this run is valid around it.
    static let now = Timestamp(seconds: SystemTime().now().seconds + 3600)
    let pki: String
    let leaf: [UInt8]
    /// Another certificate of the same authority.
    let otherLeaf: [UInt8]
    let folder: String
    let trust: TrustStore

    init() throws {
        (pki, leaf, otherLeaf) = try Self.shared.get()
        folder = "\(pki)/test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        trust = try TrustStore.load(folder: "\(pki)/anchors")
    }

    func certificate(at time: Timestamp) throws -> VerifiedCertificate { try trust.verify(leaf, at: time) }

    /// Writes a list and gives its path.
    func write(
        by signer: Signer = .issuing, number: UInt8? = 1, issued: Timestamp = now, life: Int64 = 7 * 86_400,
        revoked: [[UInt8]] = [], extensions: [CertificateExtension] = [], namedAs: Signer? = nil
    ) throws -> String {
        let key = try PrivateKey(pem: bytes("\(pki)/private/\(signer.rawValue).key.pem"))
        let names = AuthorityNames.fort
        var all = extensions
        if let number { all.append(CertificateExtension("2.5.29.20", [0x02, 0x01, number])) }
        let list = RevocationListBuilder(
            issuer: (namedAs ?? signer) == .root ? names.root : names.issuing, thisUpdate: issued.seconds,
            nextUpdate: issued.seconds + life, entries: revoked.map { .init(serial: $0, revokedAt: issued.seconds - 3600) },
            extensions: all)
        return try write(list.signed(by: key))
    }

    func write(_ bytes: [UInt8]) throws -> String {
        let path = "\(folder)/\(UUID().uuidString).crl"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
}
