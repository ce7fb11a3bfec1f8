import Foundation
import OpenSSL
import Primitives
import SmartCard
import TestPKI
import Testing

/// A clock that stands still.
struct FixedTime: TimeSource {
    let instant: Timestamp

    func now() -> Timestamp { instant }
    func sinceBoot() -> Duration { .zero }
    func awake() -> Duration { .zero }
}

struct TestHierarchyTests {
    private let path = NSTemporaryDirectory() + "pki-\(UUID().uuidString)"
    private let now = Timestamp(seconds: 1_800_000_000)
    private let doctor = TestHolder(
        familyName: "LIBRE", givenName: "MAX", nationalID: "899900063480", profession: 10, cardNumber: "2600855206")

    private func open(at seconds: Int64 = 0) throws -> TestHierarchy {
        try TestHierarchy.open(path, bits: 1024, time: FixedTime(instant: now.advanced(bySeconds: seconds)))
    }

    private func remove() { try? FileManager.default.removeItem(atPath: path) }

    private func file(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(path)/\(name)"))) }

    @Test func theFolderIsMadeOnceAndReused() throws {
        defer { remove() }
        _ = try open()
        let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        #expect(
            names == [
                "anchors", "anchors/root.pem", "crls", "crls/ACI-FO-PP-TEST.crl", "crls/ACR-FO-TEST.crl", "intermediates",
                "intermediates/issuing.pem", "private", "private/issuing.key.pem", "private/revocation.json",
                "private/root.key.pem",
            ])
        let root = try file("anchors/root.pem")
        _ = try open()
        #expect(try file("anchors/root.pem") == root)
    }

    @Test func secretsAreForTheirOwnerOnly() throws {
        defer { remove() }
        _ = try open()
        for name in ["root.key.pem", "issuing.key.pem", "revocation.json"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/private/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func oldRevocationListsAreIssuedAgain() throws {
        defer { remove() }
        _ = try open()
        let first = try file("crls/ACI-FO-PP-TEST.crl")
        _ = try open(at: 86_399)
        #expect(try file("crls/ACI-FO-PP-TEST.crl") == first)
        _ = try open(at: 86_400)
        #expect(try file("crls/ACI-FO-PP-TEST.crl") != first)
    }

    @Test func aRevokedSerialNumberStaysOnTheList() throws {
        defer { remove() }
        let hierarchy = try open()
        let leaf = try Parsed(hierarchy.issue(.authentication, for: doctor, kind: .revoked, bits: 1024).certificate)
        #expect(try Self.listed(file("crls/ACI-FO-PP-TEST.crl")) == [leaf.serial])
        try open(at: 86_400).issueRevocationLists()
        #expect(try Self.listed(file("crls/ACI-FO-PP-TEST.crl")) == [leaf.serial])
        #expect(try Self.listed(file("crls/ACR-FO-TEST.crl")) == [])
    }

    @Test func aFolderWithOtherContentIsRefused() throws {
        defer { remove() }
        _ = try open()
        try "{}".write(toFile: "\(path)/private/revocation.json", atomically: true, encoding: .utf8)
        #expect(throws: TestPKIError.malformed(path: "\(path)/private/revocation.json")) { try open() }
        try "nothing".write(toFile: "\(path)/anchors/root.pem", atomically: true, encoding: .utf8)
        #expect(throws: TestPKIError.self) { try open() }
    }

    @Test func aPlaceThatCannotBeWrittenIsRefused() {
        #expect(throws: TestPKIError.file(path: "/dev/null/pki/anchors", reason: "Not a directory")) {
            try TestHierarchy.open("/dev/null/pki", bits: 1024)
        }
    }

    @Test func authoritiesAreNamedAsTheTestRange() throws {
        defer { remove() }
        _ = try open()
        let root = try Parsed(Certificate(pem: file("anchors/root.pem")).derBytes())
        let issuing = try Parsed(Certificate(pem: file("intermediates/issuing.pem")).derBytes())
        #expect(root.texts(of: root.subject).last == "TEST AC RACINE IGC-SANTE FORT")
        #expect(
            issuing.texts(of: issuing.subject) == [
                "FR", "ASIP-SANTE", "0002 187512751", "IGC-SANTE TEST", "TEST AC IGC-SANTE FORT PERSONNES",
            ])
        #expect(issuing.issuer == root.subject)
        #expect(issuing.isSigned(by: try Certificate(pem: file("anchors/root.pem")).publicKey()))
        #expect(issuing.serial.prefix(2) == [0x11, 0x20] && issuing.serial.count == 18)
        #expect(issuing.extensions["551D13"]?.value == Hex.decode("30060101FF020100"))
    }

    private static func listed(_ list: [UInt8]) throws -> [[UInt8]] {
        let content = try #require(try TLV.parse(list).first?.children().first?.children())
        let entries = content.filter { $0.tag == 0x30 }.dropFirst(2).first
        return try entries?.children().compactMap { try $0.children().first?.value } ?? []
    }
}
