import Audit
import Habilitation
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

struct BreakGlassTests {
    private static let other = Caller(
        uid: 1000, gid: 1000, pid: 43, client: Client(name: "pharmacy", operations: Client.anyone.operations))

    private func request(
        _ reason: String = "vital_emergency", patient: String = "unknown", minutes: Int64? = nil, note: String? = nil
    ) throws -> EmergencyRequest {
        try EmergencyRequest(reason: reason, note: note, patient: patient, minutes: minutes)
    }

    private func world(
        inactivity: Int64? = nil, mode: Session.Mode = .card, life: Int64 = 43_200, profession: String? = "10"
    ) async throws -> SessionWorld {
        let world = try await SessionWorld(inactivity: inactivity)
        try await world.open(try Sample.session("s1", holder: try Sample.holder(profession: profession), mode: mode, life: life))
        return world
    }

    @discardableResult
    private func declared(_ world: SessionWorld, minutes: Int64? = nil, reason: String = "vital_emergency") async throws -> Emergency {
        try await world.registry.declare(try request(reason, minutes: minutes), session: "s1", by: .user).emergency
    }

    private func kept(_ world: SessionWorld, _ id: String) -> Emergency? {
        world.ledger.kept(.emergency).first { $0.id == id }.flatMap { Emergency($0.json) }
    }

    // MARK: Declaring

    @Test func declarationIsTracedKeptAndWidensRights() async throws {
        let world = try await world()
        #expect(try await world.refusal { try await world.token(scopes: [.recordEmergency]) }?.code == .scopeDenied)
        let (emergency, scopes, isNew) = try await world.registry.declare(
            try request(patient: "P-42", note: "arrêt cardiaque"), session: "s1", by: .user)
        #expect(isNew && scopes.contains(.recordEmergency) && !scopes.contains(.recordValidate))
        let trace = try #require(world.ledger.traces(of: .breakGlassDeclared).first)
        #expect(trace.patient == "P-42" && trace.reason == "vital_emergency")
        #expect(trace.markedDetail?["break_glass"] == .string(emergency.id))
        #expect(trace.detail?["scopes"] == ["record:emergency"])
        #expect(world.ledger.commits.last?.urgency == .emergency(person: "899900063480"))
        #expect(kept(world, emergency.id) == emergency)
        #expect(emergency.expiresAt == ManualClock.noon.advanced(bySeconds: 1800))
        #expect(await world.registry.sessions(for: .user).first?.json["break_glass"] == [.string(emergency.id)])
        _ = try await world.token(scopes: [.recordEmergency])
    }

    @Test func tokensUnderItSayWhyAndAreTracedToIt() async throws {
        let world = try await world()
        let before = try await world.token()
        let emergency = try await declared(world)
        let token = try await world.token(scopes: [.recordEmergency])
        let claims = try world.claims(token)
        #expect(claims.cps.breakGlass == emergency.id)
        #expect(claims.extensions.iheIUA.purposeOfUse.map(\.code) == ["BTG"])
        #expect(!String(describing: claims).contains("P-42"))
        #expect(world.ledger.traces(of: .tokenIssued).last?.markedDetail?["break_glass"] == .string(emergency.id))
        #expect(world.ledger.commits.last?.urgency == .emergency(person: "899900063480"))
        let old = try world.claims(before)
        #expect(old.cps.breakGlass == nil && old.extensions.iheIUA.purposeOfUse.map(\.code) == ["TREAT"])
        try await world.registry.revoke(token.accessToken, by: .user)
        #expect(world.ledger.traces(of: .tokenRevoked).last?.markedDetail?["break_glass"] == .string(emergency.id))
    }

    @Test(arguments: [
        (Session.Mode.card, "centre_15", ["BTG", "ETREAT"]), (.degraded, "vital_emergency", ["BTG", "ETREAT"]),
        (.card, "patient_unable", ["BTG"]),
    ])
    func purposesAreThoseThatHold(mode: Session.Mode, reason: String, codes: [String]) async throws {
        let world = try await world(mode: mode)
        try await declared(world, reason: reason)
        #expect(try world.claims(try await world.token()).extensions.iheIUA.purposeOfUse.map(\.code) == codes)
    }

    @Test func sessionWithoutACardIsEmergencyTreatment() async throws {
        let world = try await world(mode: .degraded)
        #expect(try world.claims(try await world.token()).extensions.iheIUA.purposeOfUse.map(\.code) == ["ETREAT"])
    }

    @Test func onlyTheProgramThatDeclaredItHasMore() async throws {
        let world = try await world()
        try await declared(world)
        let refusal = try await world.refusal { try await world.token(scopes: [.recordEmergency], by: Self.other) }
        #expect(refusal?.code == .scopeDenied)
        #expect(try world.claims(try await world.token(by: Self.other)).cps.breakGlass == nil)
    }

    @Test func itLeavesNothingStanding() async throws {
        let world = try await world()
        try await declared(world)
        #expect(try await world.refusal { try await world.token(scopes: [.recordValidate]) }?.code == .scopeDenied)
    }

    @Test func tokensOfBeforeStayWhenRightsAreLookedAtAgain() async throws {
        let world = try await world()
        let before = try await world.token(scopes: [.recordValidate])
        try await declared(world)
        let under = try await world.token(scopes: [.recordEmergency])
        await world.registry.reassessRights()
        #expect(await world.isActive(before))
        #expect(await world.isActive(under))
    }

    @Test func theSameAgainIsAnsweredAndAnotherOneRefused() async throws {
        let world = try await world()
        let first = try await declared(world)
        let again = try await world.registry.declare(try request(), session: "s1", by: .user)
        #expect(again.emergency.id == first.id && !again.isNew)
        #expect(world.ledger.traces(of: .breakGlassDeclared).count == 1)
        let refusal = try await world.refusal { try await world.registry.declare(request(patient: "P-7"), session: "s1", by: .user) }
        #expect(refusal?.code == .breakGlassActive && refusal?.members["break_glass"] == .string(first.id))
        // Another program has one of its own.
        let second = try await world.registry.declare(try request(), session: "s1", by: Self.other)
        #expect(second.isNew && second.emergency.client == "pharmacy")
        #expect(await world.registry.emergencies.count == 2)
    }

    @Test(arguments: [
        ("unheard_of", 30 as Int64?, ErrorCode.breakGlassReason), ("vital_emergency", 0, .invalidRequest),
        ("vital_emergency", 241, .invalidRequest), ("vital_emergency", -1, .invalidRequest),
    ])
    func badRequestsAreRefusedAndTraced(reason: String, minutes: Int64?, code: ErrorCode) async throws {
        let world = try await world()
        let refusal = try await world.refusal {
            try await world.registry.declare(request(reason, minutes: minutes), session: "s1", by: .user)
        }
        #expect(refusal?.code == code)
        #expect(world.ledger.traces(of: .breakGlassRefused).first?.code == code.rawValue)
        #expect(world.ledger.traces(of: .breakGlassDeclared).isEmpty)
    }

    @Test(arguments: ["", " ", "a\nb", "a\r", "\u{1B}[2J", "\u{202E}abc", "a\u{2028}b", "\u{0}", String(repeating: "x", count: 257)])
    func patientThatIsNotOneLineIsRefused(_ patient: String) throws {
        #expect(throws: Refusal.self) { try request(patient: patient) }
        #expect(throws: Refusal.self) { try request(note: patient + String(repeating: "\n", count: 1)) }
    }

    @Test func professionWithoutAColumnCannotDeclare() async throws {
        let world = try await world(profession: "35")
        #expect(try await world.refusal { try await declared(world) }?.code == .breakGlassDenied)
        #expect(world.ledger.kept(.emergency).isEmpty)
    }

    @Test func programWithoutTheOperationCannotDeclare() async throws {
        let world = try await world()
        let caller = Caller(uid: 1000, gid: 1000, pid: 44, client: Client(name: "lab", operations: [.login, .token]))
        let refusal = try await world.refusal { try await world.registry.declare(request(), session: "s1", by: caller) }
        #expect(refusal?.code == .operationDenied)
    }

    @Test func sessionOfSomebodyElseIsNotFound() async throws {
        let world = try await world()
        let refusal = try await world.refusal { try await world.registry.declare(request(), session: "s1", by: .other) }
        #expect(refusal?.code == .sessionNotFound)
    }

    @Test func lockedSessionDeclaresNothing() async throws {
        let world = try await world()
        _ = try await world.registry.lock("s1", by: .user)
        #expect(try await world.refusal { try await declared(world) }?.code == .sessionLocked)
    }

    @Test func nothingIsDeclaredWithoutATrace() async throws {
        let world = try await world()
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await declared(world) }?.code == .traceUnavailable)
        world.ledger.setFails(false)
        #expect(try await world.refusal { try await world.token(scopes: [.recordEmergency]) }?.code == .scopeDenied)
    }

    @Test func sessionThatOpensWithItIsOneCommit() async throws {
        let world = try await SessionWorld()
        let token = world.request(scopes: [.recordEmergency])
        let opened = try await world.registry.open(
            try Sample.session("s1"), traces: [], by: .user, token: token, emergency: try request(patient: "P-1"))
        let commit = try #require(world.ledger.commits.last)
        #expect(commit.drafts.map(\.event) == [.sessionOpened, .breakGlassDeclared, .tokenIssued])
        #expect(commit.urgency == .emergency(person: "899900063480"))
        let issued = try #require(opened.token)
        #expect(try world.claims(issued).cps.breakGlass == opened.session.emergencies.first?.mark.id)
        #expect(try world.claims(issued).cps.trace == Int64(commit.first) + 2)
    }

    @Test func openingThatCannotDeclareOpensNothing() async throws {
        let world = try await SessionWorld()
        let session = try Sample.session("s1", holder: try Sample.holder(profession: "35"))
        await #expect(throws: OpeningRefusal.self) {
            try await world.registry.open(session, traces: [], by: .user, token: nil, emergency: try request())
        }
        #expect(world.ledger.events.isEmpty)
    }

    // MARK: Ends

    @Test func closingEndsItsTokensAndNoOthers() async throws {
        let world = try await world()
        let before = try await world.token()
        let emergency = try await declared(world)
        let under = try await world.token(scopes: [.recordEmergency])
        try await world.registry.close(emergency.id, by: .user)
        #expect(await !world.isActive(under))
        #expect(await world.isActive(before))
        let trace = try #require(world.ledger.traces(of: .breakGlassClosed).first)
        #expect(trace.outcome == .granted && trace.markedDetail?["break_glass"] == .string(emergency.id))
        #expect(trace.detail?["tokens_revoked"] == 1)
        #expect(world.ledger.revokedTokens.count == 1)
        #expect(kept(world, emergency.id)?.endReason == "closed")
        #expect(world.ledger.sessions["s1"]?.emergencies.isEmpty == true)
        #expect(try await world.refusal { try await world.token(scopes: [.recordEmergency]) }?.code == .scopeDenied)
        #expect(try await world.refusal { try await world.registry.close(emergency.id, by: .user) }?.code == .breakGlassNotFound)
    }

    @Test func itExpiresByItselfAndIsToldBefore() async throws {
        let world = try await world()
        let events = world.hub.subscribe(uid: 1000, after: nil)
        let emergency = try await declared(world, minutes: 10)
        let token = try await world.token(scopes: [.recordEmergency], ttl: 120)
        world.clock.advance(seconds: 300)
        await world.registry.sweep()
        await world.registry.sweep()
        world.clock.advance(seconds: 300)
        #expect(await !world.isActive(token))
        #expect(try await world.refusal { try await world.token(scopes: [.recordEmergency]) }?.code == .scopeDenied)
        await world.registry.sweep()
        #expect(world.ledger.traces(of: .breakGlassExpired).count == 1)
        #expect(kept(world, emergency.id)?.endReason == "expired")
        world.hub.finish()
        var changes: [String] = []
        for await event in events.events where event.event.kind == .breakGlass { changes.append(event.event.data["change"]?.string ?? "") }
        #expect(changes == ["declared", "expires_soon", "expired"])
    }

    @Test func tokenLivesNoLongerThanTheEmergency() async throws {
        let world = try await world()
        try await declared(world, minutes: 1)
        world.clock.advance(seconds: 30)
        #expect(try await world.token(scopes: [.recordEmergency], ttl: 120).expiresIn == 30)
    }

    @Test func itLastsNoLongerThanItsSession() async throws {
        let world = try await world(mode: .degraded, life: 600)
        #expect(try await declared(world).expiresAt == ManualClock.noon.advanced(bySeconds: 600))
    }

    @Test func extensionBeginsNowAndHasALimit() async throws {
        let world = try await world()
        let emergency = try await declared(world)
        world.clock.advance(seconds: 1700)
        let extended = try await world.registry.extend(emergency.id, minutes: nil, by: .user)
        #expect(extended.expiresAt == ManualClock.noon.advanced(bySeconds: 3500))
        #expect(world.ledger.traces(of: .breakGlassExtended).count == 1)
        #expect(kept(world, emergency.id)?.expiresAt == extended.expiresAt)
        let longest = try await world.registry.extend(emergency.id, minutes: 240, by: .user)
        #expect(longest.expiresAt == ManualClock.noon.advanced(bySeconds: 14_400))
        let refusal = try await world.refusal { try await world.registry.extend(emergency.id, minutes: 240, by: .user) }
        #expect(refusal?.code == .breakGlassLimit)
        #expect(try await world.refusal { try await world.registry.extend("e9", minutes: nil, by: .user) }?.code == .breakGlassNotFound)
        #expect(
            try await world.refusal { try await world.registry.extend(emergency.id, minutes: nil, by: .other) }?.code
                == .breakGlassNotFound)
    }

    @Test func cardOutEndsItAndItsTokens() async throws {
        let world = try await world()
        let emergency = try await declared(world)
        let token = try await world.token(scopes: [.recordEmergency])
        await world.registry.insertionEnded("i1", .cardRemoved)
        #expect(await !world.isActive(token))
        let commit = try #require(world.ledger.commits.last)
        #expect(commit.drafts.map(\.event) == [.sessionEnded, .breakGlassEnded])
        #expect(commit.drafts.last?.reason == "card_removed")
        #expect(kept(world, emergency.id)?.endReason == "card_removed")
    }

    @Test func secondLoginOnTheSameCardEndsIt() async throws {
        let world = try await world()
        let emergency = try await declared(world)
        try await world.open(try Sample.session("s2"))
        #expect(kept(world, emergency.id)?.endReason == "replaced")
        #expect(world.ledger.traces(of: .breakGlassEnded).count == 1)
    }

    @Test func cardOutWhileItIsWrittenEndsItToo() async throws {
        let world = try await world()
        let gate = world.ledger.hold(.breakGlassDeclared)
        async let attempt = world.refusal { try await declared(world) }
        await gate.reached()
        await world.registry.insertionEnded("i1", .cardRemoved)
        gate.open()
        #expect(try await attempt?.code == .sessionEnded)
        let left = world.ledger.kept(.emergency).compactMap { Emergency($0.json) }
        #expect(left.map(\.endReason) == ["card_removed"])
        #expect(world.ledger.events.last == .breakGlassEnded)
    }

    @Test func closingWhileATokenIsWrittenGivesNone() async throws {
        let world = try await world()
        let emergency = try await declared(world)
        let gate = world.ledger.hold(.tokenIssued)
        async let attempt = world.refusal { try await world.token(scopes: [.recordEmergency]) }
        await gate.reached()
        try await world.registry.close(emergency.id, by: .user)
        gate.open()
        #expect(try await attempt?.code == .breakGlassEnded)
    }

    @Test func sessionStaysOpenLongerWhileItLasts() async throws {
        let world = try await world(inactivity: 600)
        let emergency = try await declared(world, minutes: 60)
        world.clock.advance(seconds: 700)
        await world.registry.sweep()
        #expect(await world.registry.sessions(for: .user).first?.state == .active)
        try await world.registry.close(emergency.id, by: .user)
        await world.registry.sweep()
        #expect(await world.registry.sessions(for: .user).first?.state == .locked)
    }

    @Test func reviewersHearOfItAndOthersDoNot() async throws {
        let people = "{'899700245667': [review]}"
        let rules = "rules: {all: {when: {break_glass: true}, grant: ['record:emergency']}}\npeople: \(people)\n"
        let world = try await SessionWorld(rights: try HabilitationMatrix(bytes: Array(rules.utf8)))
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s1"))
        let reviewer = try Sample.session("s2", insertion: "i2", reader: "other", uid: 2000, holder: try Sample.holder("899700245667"))
        _ = try await world.registry.open(reviewer, traces: [], by: Caller(uid: 2000, gid: 2000, pid: 2), token: nil)
        let (heard, unheard) = (world.hub.subscribe(uid: 2000, after: nil), world.hub.subscribe(uid: 3000, after: nil))
        try await declared(world)
        world.hub.finish()
        var counts: [Int] = []
        for subscription in [heard, unheard] {
            var count = 0
            for await event in subscription.events where event.event.kind == .breakGlass { count += 1 }
            counts.append(count)
        }
        #expect(counts == [1, 0])
    }
}
