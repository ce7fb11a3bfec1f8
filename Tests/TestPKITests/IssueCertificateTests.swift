import Foundation
import OpenSSL
import Primitives
import SmartCard
import TestPKI
import Testing

struct IssueCertificateTests {
    private let path = NSTemporaryDirectory() + "pki-\(UUID().uuidString)"
    private let doctor = TestHolder(
        familyName: "LIBRE", givenName: "MAX", nationalID: "899900063480", profession: 10, cardNumber: "2600855206")
    private let nurse = TestHolder(
        familyName: "INFI", givenName: "ANNE", nationalID: "899900063498", profession: 60, cardNumber: "2600855207")

    private func issue(
        _ role: CertificateRole, for holder: TestHolder? = nil, kind: CertificateKind = .valid, bits: Int = 1024
    ) throws -> (leaf: Parsed, key: PublicKey, issuer: PublicKey, issued: IssuedCertificate) {
        defer { try? FileManager.default.removeItem(atPath: path) }
        // 2027-01-15T08:00:00Z
        let hierarchy = try TestHierarchy.open(path, bits: 1024, time: FixedTime(instant: Timestamp(seconds: 1_800_000_000)))
        let issued = try hierarchy.issue(role, for: holder ?? doctor, kind: kind, bits: bits)
        let pem = Array(try Data(contentsOf: URL(filePath: "\(path)/intermediates/issuing.pem")))
        let certificate = try Certificate(der: issued.certificate)
        return (
            try Parsed(issued.certificate), try certificate.publicKey(), try Certificate(pem: pem).publicKey(), issued
        )
    }

    @Test func theHolderIsOneRelativeNameOfThreeAttributes() throws {
        let leaf = try issue(.authentication).leaf
        let names = try leaf.subject.children()
        #expect(try names.map { try $0.children().count } == [1, 1, 3])
        #expect(Set(leaf.texts(of: leaf.subject)) == ["FR", "Médecin", "899900063480", "LIBRE", "MAX"])
        #expect(try names[0].children()[0].children()[1].tag == 0x13)
        #expect(try names[1].children()[0].children()[1].tag == 0x0C)
    }

    @Test func privateExtensionsTellTheCardAndTheProfession() throws {
        let extensions = try issue(.authentication).leaf.extensions
        let arc = "2A817A01470102"
        #expect(extensions[arc + "02"]?.value == Hex.decode("020100"))
        #expect(extensions[arc + "03"]?.value == [0x13, 21] + Array("8025000001/2600855206".utf8))
        #expect(extensions[arc + "05"]?.value == Hex.decode("040180"))
        #expect(extensions[arc + "07"]?.value == Hex.decode("02010A"))
        #expect(extensions["2A817A0147040205"]?.value == Hex.decode("30060C04534D3236"))
    }

    @Test func aNurseHasNoKnowHow() throws {
        let leaf = try issue(.signature, for: nurse).leaf
        #expect(leaf.extensions["2A817A0147040205"] == nil)
        #expect(leaf.extensions["2A817A0147010207"]?.value == Hex.decode("02013C"))
        #expect(leaf.texts(of: leaf.subject).contains("Infirmier"))
    }

    @Test(arguments: [
        (CertificateRole.authentication, CertificateKind.valid, "03020780", "300A06082B06010505070302"),
        (.signature, .valid, "03020640", "300A06082B06010505070304"),
        (.technical, .valid, "03020780", "300A06082B06010505070302"),
        (.authentication, .wrongUsage, "03020640", "300A06082B06010505070302"),
        (.signature, .wrongUsage, "03020780", "300A06082B06010505070304"),
    ])
    func usagesFollowTheRole(role: CertificateRole, kind: CertificateKind, usage: String, purpose: String) throws {
        let extensions = try issue(role, kind: kind).leaf.extensions
        #expect(extensions["551D0F"]?.value == Hex.decode(usage))
        #expect(extensions["551D0F"]?.isCritical == true)
        #expect(extensions["551D25"]?.value == Hex.decode(purpose))
    }

    @Test func thePolicyPointerMarksTheTestHierarchy() throws {
        let policy = String(decoding: try issue(.authentication).leaf.extensions["551D20"]?.value ?? [], as: UTF8.self)
        #expect(policy.hasSuffix("/PC%20TEST"))
    }

    @Test(arguments: [
        (CertificateKind.valid, "261216080000Z"), (.expired, "231217080000Z"), (.notYetValid, "270214080000Z"),
    ])
    func validityFollowsTheKind(kind: CertificateKind, begin: String) throws {
        #expect(try issue(.authentication, kind: kind).leaf.validity.first == begin)
    }

    @Test(arguments: CertificateKind.allCases)
    func onlyTheRightAuthoritySigns(kind: CertificateKind) throws {
        let made = try issue(.authentication, kind: kind)
        let isForged = kind == .wrongIssuer || kind == .foreign
        #expect(made.leaf.isSigned(by: made.issuer) == !isForged)
        #expect(made.leaf.texts(of: made.leaf.issuer).contains("TEST AC IGC-SANTE FORT PERSONNES") == (kind != .foreign))
    }

    @Test func theKeyBelongsToTheCertificate() throws {
        let made = try issue(.authentication)
        #expect(try PrivateKey(pem: made.issued.privateKey).publicKey().subjectPublicKeyInfo() == made.key.subjectPublicKeyInfo())
    }

    @Test func certificatesAreAsLargeAsRealOnes() throws {
        #expect((1600...2048).contains(try issue(.authentication, bits: 2048).issued.certificate.count))
    }
}
