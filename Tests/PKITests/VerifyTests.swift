import OpenSSL
import OpenSSLCommand
import PKI
import Primitives
import Testing

struct VerifyTests {
    private let pki: Hierarchy

    init() throws { pki = try Hierarchy.test.get() }

    private func refusal(_ der: [UInt8], at time: Timestamp = Hierarchy.noon, strict: Bool = false) throws -> CertificateRefusal? {
        let store = try pki.store(requiresClientAuthentication: strict)
        do throws(CertificateRefusal) {
            _ = try store.verify(der, at: time)
            return nil
        } catch {
            return error
        }
    }

    @Test func goodLeafIsVerifiedWithItsIssuers() throws {
        let der = try pki.leaf("good")
        let verified = try pki.store().verify(der, at: Hierarchy.noon)
        #expect(verified.isTest)
        #expect(verified.der == der)
        #expect(verified.fingerprint == (try sha256(der)))
        #expect(verified.issuers.count == 2)
        #expect(verified.fields.subject.values(DistinguishedName.AttributeType.surname) == ["LIBRE"])
        #expect(verified.fields.notAfter == Timestamp("2027-12-31T00:00:00Z"))
    }

    @Test func goodProductionLeafIsVerifiedByProductionAnchors() throws {
        let pki = try Hierarchy.production.get()
        #expect(try !pki.store().verify(pki.leaf("good"), at: Hierarchy.noon).isTest)
    }

    @Test func leafIsGoodUntilItsLastSecond() throws {
        let der = try pki.leaf("dates")
        let end = try #require(Timestamp("2027-12-31T00:00:00Z"))
        #expect(try refusal(der, at: end.advanced(bySeconds: -1)) == nil)
        #expect(try refusal(der, at: end.advanced(bySeconds: 1)) == .expired(end))
    }

    @Test func leafOfTomorrowIsNotYetValid() throws {
        let start = try #require(Timestamp("2026-12-01T00:00:00Z"))
        #expect(try refusal(pki.leaf("future", start: "261201000000Z")) == .notYetValid(start))
    }

    @Test func expiredAuthorityIsNotTheLeafsExpiry() throws {
        let der = try pki.leaf("long", end: "391231000000Z")
        #expect(try refusal(der, at: #require(Timestamp("2034-01-01T00:00:00Z"))) == .untrusted(.authorityOutsideDates))
    }

    @Test(arguments: ["critical,nonRepudiation", "critical,keyEncipherment"])
    func leafWithoutDigitalSignatureIsOfTheWrongUsage(usage: String) throws {
        #expect(try refusal(pki.leaf("usage", usage: usage)) == .wrongUsage)
    }

    @Test func clientAuthenticationIsAskedForOnlyByTheRule() throws {
        let without = try pki.leaf("mail", extra: ["extendedKeyUsage = emailProtection"])
        let with = try pki.leaf("client", extra: ["extendedKeyUsage = clientAuth"])
        #expect(try refusal(without) == nil)
        #expect(try refusal(without, strict: true) == .wrongUsage)
        #expect(try refusal(pki.leaf("none"), strict: true) == .wrongUsage)
        #expect(try refusal(with, strict: true) == nil)
    }

    @Test func authorityItselfIsNoLeaf() throws {
        #expect(try refusal(pki.command.bytes("issuing.der")) == .wrongUsage)
        #expect(try refusal(pki.command.bytes("root.der")) == .wrongUsage)
    }

    @Test func shortKeysAreWeak() throws {
        try pki.command.run("genrsa", "-out", "short.key", "1024")
        try pki.command.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp224r1", "-out", "curve.key")
        #expect(try refusal(pki.leaf("short", key: "short")) == .weak)
        #expect(try refusal(pki.leaf("curve", key: "curve")) == .weak)
    }

    @Test func keysThatCannotSignAChallengeAreWeak() throws {
        try pki.command.run("genpkey", "-algorithm", "ED25519", "-out", "edwards.key")
        #expect(try refusal(pki.leaf("edwards", key: "edwards")) == .weak)
    }

    @Test func curveOf256BitsIsStrongEnough() throws {
        try pki.command.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "p256.key")
        #expect(try refusal(pki.leaf("p256", key: "p256")) == nil)
    }

    @Test func sha1SignatureIsWeak() throws {
        #expect(try refusal(pki.leaf("sha1", digest: "sha1")) == .weak)
    }

    @Test func sameIssuerNameWithAnotherKeyIsABadSignature() throws {
        try pki.authority("other", name: "AC IGC-SANTE FORT PERSONNES", signer: "root", section: "issuing_ca")
        let der = try pki.leaf("impostor", extra: [], signer: "other")
        #expect(try refusal(der) == .untrusted(.unknownIssuer))
    }

    @Test func changedByteIsABadSignature() throws {
        var der = try pki.leaf("flip")
        der[der.count - 1] ^= 1
        #expect(try refusal(der) == .untrusted(.badSignature))
    }

    @Test func leafUnderALeafIsUntrusted() throws {
        let parent = try pki.leaf("parent")
        #expect(try refusal(parent) == nil)
        let own = try pki.command.selfSigned(
            subject: "/C=FR/CN=899900063480", extensions: ["keyUsage = critical,digitalSignature", "basicConstraints = CA:FALSE"])
        #expect(try refusal(own) == .environmentMismatch)
    }

    @Test func productionLeafMeetsTestAnchorsAsAMix() throws {
        #expect(try refusal(Hierarchy.production.get().leaf("good")) == .environmentMismatch)
    }

    @Test func productionPointerOrCategoryUnderTestAnchorsIsAMix() throws {
        #expect(try refusal(pki.leaf("pointer", policy: "PC")) == .environmentMismatch)
        #expect(try refusal(pki.leaf("category", category: "040100")) == .environmentMismatch)
    }

    @Test func testMarkersUnderProductionAnchorsAreAMix() throws {
        let pki = try Hierarchy.production.get()
        let store = try pki.store()
        for der in [try pki.leaf("pointer", policy: "PC%20TEST"), try pki.leaf("category", category: "040183")] {
            #expect(throws: CertificateRefusal.environmentMismatch) { try store.verify(der, at: Hierarchy.noon) }
        }
    }

    @Test(arguments: ["04020080", "020180", "0400", "30"])
    func categoryOfAnotherShapeIsMalformed(category: String) throws {
        #expect(try refusal(pki.leaf("shape", category: category)) == .malformed)
    }

    @Test func anythingButOneCertificateIsMalformed() throws {
        let der = try pki.leaf("bytes")
        for bytes in [[], [0x30], Array(der.dropLast()), der + [0], Array(repeating: 0x30, count: 20_000)] {
            #expect(try refusal(bytes) == .malformed)
        }
    }

    @Test func manyTasksVerifyAtOnce() async throws {
        let der = try pki.leaf("shared")
        let store = try pki.store()
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50 { _ = try store.verify(der, at: Hierarchy.noon) }
                    return 50
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(count == 400)
    }

    @Test func everyTruncationIsRefused() throws {
        let der = try pki.leaf("cut")
        let store = try pki.store()
        for count in stride(from: 0, to: der.count, by: 7) {
            #expect(throws: CertificateRefusal.malformed) { try store.verify(Array(der.prefix(count)), at: Hierarchy.noon) }
        }
    }

    @Test func noChangedByteIsAccepted() throws {
        let der = try pki.leaf("fuzz")
        let store = try pki.store()
        for index in stride(from: 0, to: der.count, by: 3) {
            var changed = der
            changed[index] ^= 0x55
            #expect(throws: CertificateRefusal.self) { try store.verify(changed, at: Hierarchy.noon) }
        }
    }
}
