import Audit
import Habilitation
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

/// Rights that change under live sessions and their tokens.
@Suite(.timeLimit(.minutes(5)))
struct RightsTests {
    private static func matrix(_ rules: String, people: String = "{}") throws -> HabilitationMatrix {
        try HabilitationMatrix(bytes: Array("rules: {\(rules)}\npeople: \(people)\n".utf8))
    }

    private static let all = "all: {grant: ['record:read', 'record:write']}"

    private func world() async throws -> SessionWorld {
        let world = try await SessionWorld(rights: try Self.matrix(Self.all))
        try await world.open(try Sample.session("s1"))
        return world
    }

    private func replace(_ world: SessionWorld, _ rules: String) async throws {
        world.rights.replace(by: try Self.matrix(rules))
        await world.registry.reassessRights()
    }

    @Test func tokenWhoseScopeIsNoLongerGrantedIsInactiveAndTold() async throws {
        let world = try await world()
        let (write, read) = (try await world.token(scopes: [.recordWrite]), try await world.token(scopes: [.recordRead]))
        let heard = world.hub.subscribe(uid: 1000, after: nil)
        try await replace(world, "all: {grant: ['record:read']}")
        #expect(await !world.isActive(write))
        #expect(await world.isActive(read))
        #expect(await world.registry.sessions(for: .user).first?.scopes == [.recordRead])
        let trace = try #require(world.ledger.traces(of: .sessionReassessed).first)
        let id = try world.claims(write).jti
        #expect(trace.detail?["scopes"] == ["record:read"])
        #expect(trace.detail?["scopes_before"] == ["record:read", "record:write"])
        #expect(trace.detail?["rules"] == ["all"])
        #expect(trace.detail?["tokens"] == [.string(id)])
        #expect(world.ledger.revokedTokens == [id])
        #expect(world.ledger.sessions["s1"]?.scopes == [.recordRead])
        world.hub.finish()
        var events: [Event] = []
        for await numbered in heard.events { events.append(numbered.event) }
        #expect(events.map(\.kind) == [.session, .tokenRevoked])
        #expect(events.last?.data == ["jti": .string(id), "session": "s1"])
    }

    @Test func widerRightsReachALiveSessionAndHarmNoToken() async throws {
        let world = try await world()
        let token = try await world.token()
        try await replace(world, "all: {grant: ['record:read', 'record:write', 'x:y']}")
        #expect(await world.isActive(token))
        #expect(try await world.token(scopes: [try #require(Scope("x:y"))]).scopes == ["x:y"])
    }

    @Test func matrixThatChangesNothingIsNotTold() async throws {
        let world = try await world()
        _ = try await world.token()
        let before = world.ledger.traces.count
        try await replace(world, "other: {grant: ['record:write', 'record:read']}")
        #expect(world.ledger.traces.count == before)
    }

    @Test func lockedSessionLosesRightsToo() async throws {
        let world = try await world()
        _ = try await world.registry.lock("s1", by: .user)
        try await replace(world, "all: {grant: ['record:read']}")
        let session = try await world.registry.session("s1", for: .user)
        #expect(session.state == .locked)
        #expect(session.scopes == [.recordRead])
    }

    @Test func ruleForOneProgramTakesItsTokensAlone() async throws {
        let world = try await world()
        let dmp = Caller(uid: 1000, gid: 1000, pid: 1, client: Client(name: "dmp", operations: [.token]))
        let (own, other) = (try await world.token(by: dmp), try await world.token())
        try await replace(world, Self.all + ", narrow: {when: {client: dmp}, deny: ['record:write']}")
        #expect(await !world.isActive(own))
        #expect(await world.isActive(other))
    }

    @Test func tokenThatWasBeingWrittenMeanwhileIsNotHandedOut() async throws {
        let world = try await world()
        let gate = world.ledger.hold(.tokenIssued)
        async let asked = world.refusal { try await world.token(scopes: [.recordWrite]) }
        await gate.reached()
        try await replace(world, "all: {grant: ['record:read']}, none: {deny: ['record:w*']}")
        gate.open()
        #expect(try await asked == Refusal(.scopeDenied, ["scope": "record:write", "rule": "none", "rules": ["none"]]))
        #expect(world.ledger.revokedTokens == world.ledger.issuedTokens)
    }

    @Test func sessionThatWasBeingOpenedMeanwhileHasTheNewRights() async throws {
        let world = try await SessionWorld(rights: try Self.matrix(Self.all))
        let gate = world.ledger.hold(.sessionOpened)
        async let opened = world.open(try Sample.session("s1"))
        await gate.reached()
        try await replace(world, "all: {grant: ['record:read']}")
        gate.open()
        #expect(try await opened.session.scopes == [.recordRead])
        #expect(await world.registry.sessions(for: .user).first?.scopes == [.recordRead])
        #expect(world.ledger.sessions["s1"]?.scopes == [.recordRead])
    }

    @Test func uncheckedSessionHasTheRightsOfItsColumn() async throws {
        let world = try await SessionWorld(
            rights: try Self.matrix(Self.all + ", fresh: {when: {mode: card}, grant: ['record:validate']}"))
        try await world.open(try Sample.session("s1", status: .unchecked))
        let refusal = try await world.refusal { try await world.token(scopes: [.recordValidate]) }
        #expect(refusal == Refusal(.scopeDenied, ["scope": "record:validate", "rule": "default", "rules": ["default"]]))
        await world.registry.reassess("s1", revocation: Session.Revocation(status: .good, source: "crl", asOf: world.clock.now()))
        #expect(try await world.token(scopes: [.recordValidate]).scopes == ["record:validate"])
    }

    @Test func rightsFollowTheSituationThatIsChosen() async throws {
        let practice = "practice: {when: {sector: SA07, structure: '4999*', profile: practice, know_how: 'SM*'}, grant: ['record:write']}"
        let world = try await SessionWorld(rights: try Self.matrix("all: {grant: ['record:read']}, \(practice)"))
        try await world.open(try Sample.session("s1", situations: [.practice, .hospital]))
        #expect(await world.registry.sessions(for: .user).first?.scopes == [])
        #expect(try await world.refusal { try await world.token() }?.code == .profileRequired)
        await world.registry.reassessRights()
        #expect(await world.registry.sessions(for: .user).first?.scopes == [])
        #expect(try await world.registry.chooseProfile("practice", session: "s1", by: .user).scopes == [.recordRead, .recordWrite])
        #expect(world.ledger.traces(of: .sessionProfileChosen).first?.detail?["rules"] == ["all", "practice"])
        let token = try await world.token(scopes: [.recordWrite])
        #expect(try await world.registry.chooseProfile("hospital", session: "s1", by: .user).scopes == [.recordRead])
        #expect(await !world.isActive(token))
        #expect(try await world.refusal { try await world.token(scopes: [.recordWrite]) }?.members["rules"] == ["default"])
    }

    @Test func tracesNameTheRules() async throws {
        let world = try await SessionWorld(
            rights: try Self.matrix("one: {grant: ['record:read']}, two: {grant: ['record:read', 'record:write']}"))
        try await world.open(try Sample.session("s1"))
        _ = try await world.token(scopes: [.recordRead])
        #expect(world.ledger.traces(of: .sessionOpened).first?.detail?["rules"] == ["one", "two"])
        #expect(world.ledger.traces(of: .sessionOpened).first?.detail?["scopes"] == ["record:read", "record:write"])
        #expect(world.ledger.traces(of: .tokenIssued).first?.detail?["rules"] == ["one", "two"])
        _ = try await world.refusal { try await world.token(scopes: [.prescriptionWrite]) }
        #expect(world.ledger.traces(of: .tokenRefused).first?.detail?["rules"] == ["default"])
    }

    // MARK: Roles

    private static let chief = "899700245667"
    private static let other = Caller(uid: 2000, gid: 2000, pid: 2)

    /// A session of user 1000, and one of an administrator who is user 2000.
    private func administered(status: Session.Revocation.Status = .good, mode: Session.Mode = .card) async throws -> SessionWorld {
        let world = try await SessionWorld(rights: try Self.matrix(Self.all, people: "{'\(Self.chief)': [administration]}"))
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s1"))
        let chief = try Sample.session(
            "s2", insertion: "i2", reader: "other", uid: 2000, holder: try Sample.holder(Self.chief), status: status, mode: mode)
        _ = try await world.registry.open(chief, traces: [], by: Self.other, token: nil)
        return world
    }

    @Test(arguments: [Session.Revocation.Status.good, .unchecked])
    func administratorSeesAndEndsTheSessionsOfAll(status: Session.Revocation.Status) async throws {
        let world = try await administered(status: status)
        #expect(await world.registry.visibleSessions(to: Self.other).map(\.id).sorted() == ["s1", "s2"])
        #expect(try await world.registry.sessionJSON("s1", for: Self.other)["uid"] == 1000)
        let session = try await world.registry.visible("s1", to: Self.other)
        // What their program says of it changes nothing.
        await world.registry.end(session, by: Self.other, isLogout: true)
        #expect(try await world.registry.session("s1", for: .user).endReason == .administrator)
        let trace = try #require(world.ledger.traces(of: .sessionEnded).first)
        #expect(trace.detail?["by"]?["national_id"]?.string == Self.chief)
        #expect(trace.detail?["rules"] == ["role.administration"])
    }

    @Test func administratorUsesNoSessionOfOthers() async throws {
        let world = try await administered()
        #expect(try await world.refusal { try await world.token(by: Self.other) }?.code == .sessionNotFound)
        #expect(try await world.refusal { try await world.registry.lock("s1", by: Self.other) }?.code == .sessionNotFound)
        #expect(try await world.refusal { try await world.registry.touch("s1", for: Self.other) }?.code == .sessionNotFound)
    }

    @Test func roleNeedsAnActiveSession() async throws {
        let world = try await administered()
        _ = try await world.registry.lock("s2", by: Self.other)
        #expect(await world.registry.duty(.sessionManage, of: Self.other) == nil)
        #expect(await world.registry.visibleSessions(to: Self.other).map(\.id) == ["s2"])
        #expect(try await world.refusal { try await world.registry.visible("s1", to: Self.other) }?.code == .sessionNotFound)
    }

    @Test
    func roleNeedsACard() async throws {
        let world = try await administered(mode: .degraded)
        #expect(await world.registry.visibleSessions(to: Self.other).map(\.id) == ["s2"])
    }

    @Test func whoHasNoRoleSeesTheirOwnAlone() async throws {
        let world = try await administered()
        #expect(await world.registry.visibleSessions(to: .user).map(\.id) == ["s1"])
        #expect(try await world.refusal { try await world.registry.visible("s2", to: .user) }?.code == .sessionNotFound)
        #expect(await world.registry.duty(.auditRead, of: Self.other) == nil)
    }

    @Test func ownEndIsALogout() async throws {
        let world = try await administered()
        await world.registry.end(try await world.registry.visible("s2", to: Self.other), by: Self.other)
        #expect(try await world.registry.session("s2", for: Self.other).endReason == .logout)
        #expect(world.ledger.traces(of: .sessionEnded).first?.detail == nil)
    }

    @Test func roleThatIsTakenAwayIsGoneAtOnce() async throws {
        let world = try await administered()
        try await replace(world, Self.all)
        #expect(await world.registry.visibleSessions(to: Self.other).map(\.id) == ["s2"])
    }
}
