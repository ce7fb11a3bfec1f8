import OpenSSL
import PKI
import Primitives
import Revocation
import Testing

struct RevocationListsTests {
    private let made: Lists
    private let lists: RevocationLists
    private let week: Int64 = 7 * 86_400

    init() throws {
        made = try Lists()
        lists = RevocationLists(made.trust)
    }

    private func finding(at time: Timestamp = Lists.now, maxAge: Int64 = 30 * 86_400) throws -> RevocationFinding {
        lists.finding(for: try made.certificate(at: time), at: time, maxAge: maxAge)
    }

    private func refusal(_ path: String, at time: Timestamp = Lists.now) -> RevocationListError? {
        do throws(RevocationListError) {
            _ = try lists.load(path: path, now: time)
            return nil
        } catch {
            return error
        }
    }

    private func loadBoth(revoked: [[UInt8]] = [], issued: Timestamp = Lists.now) throws {
        _ = try lists.load(path: made.write(by: .root, issued: issued), now: Lists.now)
        _ = try lists.load(path: made.write(issued: issued, revoked: revoked), now: Lists.now)
    }

    @Test func certificateOnNoListIsGoodAsOfTheOldestList() throws {
        _ = try lists.load(path: made.write(by: .root, issued: Lists.now.advanced(bySeconds: -500)), now: Lists.now)
        _ = try lists.load(path: made.write(issued: Lists.now.advanced(bySeconds: -100)), now: Lists.now)
        #expect(try finding() == RevocationFinding(status: .good, asOf: Lists.now.advanced(bySeconds: -500)))
    }

    @Test func certificateOnTheListOfItsIssuerIsRevoked() throws {
        let serial = try made.certificate(at: Lists.now).fields.serialNumber
        try loadBoth(revoked: [[0x01], serial, [0x7F, 0x00]])
        guard case .revoked(let since, let reason) = try finding().status else { return #expect(Bool(false), "not revoked") }
        #expect(since.seconds / 60 == (Lists.now.seconds - 3600) / 60)
        #expect(reason == .unspecified)
    }

    @Test func certificateOfARevokedAuthorityIsRevoked() throws {
        let issuer = try #require(made.certificate(at: Lists.now).issuers.first).serialNumber
        _ = try lists.load(path: made.write(by: .root, revoked: [issuer]), now: Lists.now)
        guard case .revoked = try finding().status else { return #expect(Bool(false), "not revoked") }
    }

    @Test func knownRevocationCountsHoweverOldTheListIs() throws {
        let serial = try made.certificate(at: Lists.now).fields.serialNumber
        try loadBoth(revoked: [serial], issued: Lists.now.advanced(bySeconds: -20 * 86_400))
        guard case .revoked = try finding(maxAge: 60).status else { return #expect(Bool(false), "not revoked") }
    }

    @Test func withoutAListOfEachIssuerNothingIsChecked() throws {
        #expect(try finding() == RevocationFinding(status: .unchecked(.missing), asOf: nil))
        _ = try lists.load(path: made.write(), now: Lists.now)
        #expect(try finding().status == .unchecked(.missing))
        _ = try lists.load(path: made.write(by: .root), now: Lists.now)
        #expect(try finding().status == .good)
    }

    @Test func listPastItsOwnDateIsStale() throws {
        try loadBoth()
        #expect(try finding(at: Lists.now.advanced(bySeconds: week)).status == .good)
        #expect(try finding(at: Lists.now.advanced(bySeconds: week + 1)).status == .unchecked(.stale))
    }

    @Test func listOlderThanTheEstablishmentAcceptsIsStale() throws {
        try loadBoth()
        #expect(try finding(at: Lists.now.advanced(bySeconds: 3600), maxAge: 3600).status == .good)
        #expect(try finding(at: Lists.now.advanced(bySeconds: 3601), maxAge: 3600).status == .unchecked(.stale))
    }

    @Test func clockSetBackBeforeTheListMakesItUnchecked() throws {
        try loadBoth()
        #expect(try finding(at: Lists.now.advanced(bySeconds: -3600)).status == .unchecked(.fromTheFuture))
    }

    @Test func listOfTomorrowIsRefused() throws {
        let tomorrow = Lists.now.advanced(bySeconds: 86_400)
        #expect(refusal(try made.write(issued: tomorrow)) == .notYetValid(tomorrow))
    }

    @Test func listWithAnEarlierNumberIsRefusedAndTheNewerStaysInForce() throws {
        let serial = try made.certificate(at: Lists.now).fields.serialNumber
        _ = try lists.load(path: made.write(number: 9, revoked: [serial]), now: Lists.now)
        #expect(refusal(try made.write(number: 8)) == .rolledBack)
        guard case .revoked = try finding().status else { return #expect(Bool(false), "rolled back") }
        #expect(refusal(try made.write(number: 0, issued: Lists.now.advanced(bySeconds: 1))) == .rolledBack)
        #expect(refusal(try made.write(number: 10)) == nil)
        #expect(try finding().status == .unchecked(.missing))
    }

    @Test func listWithoutANumberIsOrderedByItsTime() throws {
        _ = try lists.load(path: made.write(number: nil), now: Lists.now)
        #expect(refusal(try made.write(number: nil, issued: Lists.now.advanced(bySeconds: -1))) == .rolledBack)
    }

    @Test func sameListAgainIsKnown() throws {
        let path = try made.write()
        #expect(try !lists.load(path: path, now: Lists.now).isKnown)
        #expect(try lists.load(path: path, now: Lists.now).isKnown)
    }

    @Test func listOfAnotherIssuerIsRefused() throws {
        let key = try PrivateKey.generateRSA(bits: 2048)
        let foreign = RevocationListBuilder(
            issuer: OpenSSL.DistinguishedName([[.init("2.5.4.3", .utf8String, "AUTRE AC")]]), thisUpdate: Lists.now.seconds,
            nextUpdate: Lists.now.seconds + 60, entries: [], extensions: [])
        #expect(refusal(try made.write(foreign.signed(by: key))) == .unknownIssuer)
    }

    @Test func listSignedByAnotherKeyIsRefused() throws {
        #expect(refusal(try made.write(by: .root, namedAs: .issuing)) == .badSignature)
    }

    @Test func deltaAndPartialListsAreRefused() throws {
        let delta = CertificateExtension("2.5.29.27", critical: true, [0x02, 0x01, 0x01])
        #expect(refusal(try made.write(extensions: [delta])) == .unsupported("it holds changes only"))
        let authoritiesOnly = CertificateExtension("2.5.29.28", critical: true, [0x30, 0x03, 0x82, 0x01, 0xFF])
        #expect(refusal(try made.write(extensions: [authoritiesOnly])) == .unsupported("it speaks for some certificates only"))
        let someReasons = CertificateExtension("2.5.29.28", critical: true, [0x30, 0x04, 0x83, 0x02, 0x01, 0x02])
        #expect(refusal(try made.write(extensions: [someReasons])) == .unsupported("it speaks for some reasons only"))
        let unknown = CertificateExtension("1.2.3.4", critical: true, [0x05, 0x00])
        #expect(refusal(try made.write(extensions: [unknown])) == .unsupported("it has an unknown critical extension"))
    }

    @Test func everySingleBitChangeIsRefused() throws {
        let good = try made.bytes(made.write(revoked: [[0x11, 0x20, 0x01]]))
        for place in stride(from: 0, to: good.count, by: 7) {
            var bad = good
            bad[place] ^= 0x04
            #expect(refusal(try made.write(bad)) != nil, "byte \(place)")
        }
    }

    @Test func everyCutListIsRefused() throws {
        let good = try made.bytes(made.write(revoked: [[0x11, 0x20, 0x01]]))
        for length in stride(from: 0, to: good.count, by: 11) {
            #expect(refusal(try made.write(Array(good[..<length]))) != nil, "length \(length)")
        }
        #expect(refusal(try made.write(good + [0x00])) == .malformed("its length is not the file's"))
    }

    @Test(arguments: ["/nonexistent.crl", "/dev/zero", "/"])
    func whatIsNoFileCannotBeRead(path: String) {
        guard case .unreadable? = refusal(path) else { return #expect(Bool(false), "was read") }
    }

    @Test func manyEntriesInAnyOrderAreAllFound() throws {
        var serials: [[UInt8]] = []
        var state: UInt64 = 7
        for index in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let length = 1 + index % 20
            serials.append((0..<length).map { $0 == 0 ? 0x11 : UInt8(truncatingIfNeeded: state >> UInt64($0 % 8 * 8)) })
        }
        let accepted = try lists.load(path: made.write(revoked: serials), now: Lists.now)
        #expect(accepted.entries == serials.count)
        let list = try #require(lists.list(of: accepted.authority))
        #expect(serials.allSatisfy { list.revoked.entry(of: $0) != nil })
        #expect(list.revoked.entry(of: [0x12, 0x34]) == nil)
        #expect(list.revoked.entry(of: []) == nil)
    }
}
