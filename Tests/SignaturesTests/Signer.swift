import Foundation
import OpenSSL
import PKI
import Primitives
import TestPKI
import TestSupport

/// A signature key with its certificate, made once for the run, and the authorities above it.
struct Signer {
    private struct Made {
        let issued: IssuedCertificate
        let store: TrustStore
        let authorities: [String: [UInt8]]
    }

    private static let made = Result {
        let folder = NSTemporaryDirectory() + "signer-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hierarchy = try TestHierarchy.open(folder, time: ManualClock())
        let holder = TestHolder(
            familyName: "LIBRE", givenName: "MAX", nationalID: "899900000001", profession: 10, cardNumber: "2600000001")
        let issued = try hierarchy.issue(.signature, for: holder)
        var authorities: [String: [UInt8]] = [:]
        for name in ["anchors", "intermediates"] {
            for file in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)") {
                let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)/\(file)")))
                let certificate = bytes.first == 0x30 ? try Certificate(der: bytes) : try Certificate(pem: bytes)
                authorities[name, default: []] += try certificate.pem()
            }
        }
        return Made(issued: issued, store: try TrustStore.load(folder: folder), authorities: authorities)
    }

    static func digest(_ document: [UInt8]) throws -> [UInt8] { try sha256(document) }

    func certificate() throws -> VerifiedCertificate {
        let made = try Self.made.get()
        return try made.store.verify(made.issued.certificate, for: .signature, at: ManualClock().now())
    }

    func pem(_ folder: String) throws -> [UInt8] { try Self.made.get().authorities[folder] ?? [] }

    /// As a card does: PKCS#1 v1.5 around the DigestInfo of a SHA-256 digest.
    func sign(_ digest: [UInt8]) throws -> [UInt8] {
        let prefix: [UInt8] = [
            0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
        ]
        return try PrivateKey(pem: try Self.made.get().issued.privateKey).sign(prefix + digest, raw: false)
    }
}
