import Audit
import Habilitation
import LoginFlow
import MobileSessions
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(2)))
struct DeviceGrantTests {
    private static func ask(_ world: MobileWorld, _ device: MobileRequest = .phone) async throws -> DeviceAuthorization {
        try await world.desk.authorize(device)
    }

    private static func begin(_ world: MobileWorld, _ code: String, life: Int64? = nil, by caller: Caller = .user) async throws -> JSON {
        try await world.desk.beginApproval(userCode: code, session: world.session.id, life: life, by: caller)
    }

    @discardableResult
    private static func approve(_ world: MobileWorld, _ code: String, life: Int64? = nil) async throws -> JSON {
        let id = try await begin(world, code, life: life)["id"]?.string ?? ""
        return try await world.desk.approve(Secret(text: TestAgent.pin), approval: id, acceptLastTry: nil, by: .user)
    }

    private static func collect(
        _ world: MobileWorld, _ asked: DeviceAuthorization, _ device: MobileRequest = .phone
    ) async -> Result<MobileTokens, MobileRefusal> { await world.tokens(.device(code: asked.deviceCode), device) }

    @Test func deviceIsLetInByCardAndPIN() async throws {
        let world = try await MobileWorld()
        let device = MobileRequest.phone.asking([.identityRead])
        let asked = try await Self.ask(world, device)
        #expect(asked.expiresIn == 600 && asked.interval == 5)
        #expect(asked.userCode.wholeMatch(of: /[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}/) != nil)
        #expect(await Self.collect(world, asked, device).code == .authorizationPending)
        let approval = try await Self.begin(world, asked.userCode)
        let request = try #require(approval["request"])
        #expect(request["client"] == "cps-mobile" && request["device_name"] == "Tablette de MAX" && request["address"] == "192.0.2.9")
        #expect(request["scopes"] == ["identity:read"] && request["resource"] == .string(TestAgent.audience))
        #expect(approval["state"] == "awaiting_pin" && approval["session"] == .string(world.session.id))
        world.clock.advance(seconds: 20)
        let done = try await world.desk.approve(
            Secret(text: TestAgent.pin), approval: approval["id"]?.string ?? "", acceptLastTry: nil, by: .user)
        #expect(done["state"] == "done")
        world.clock.advance(seconds: 5)
        let tokens = try await Self.collect(world, asked, device).get()
        #expect(tokens.scopes == ["identity:read"])
        let session = try #require(await world.mobile(tokens.session))
        #expect(session.mobile?.grant == .device && session.mobile?.authenticatedAt == ManualClock.noon.advanced(bySeconds: 20))
        #expect(try await world.refresh(tokens.refreshToken).get().scopes == ["identity:read"])
    }

    @Test func theServiceThatWasShownIsTheOnlyOne() async throws {
        let world = try await MobileWorld()
        let (device, silent) = (MobileRequest.phone, MobileRequest.phone.asking(resource: nil))
        let asked = try await Self.ask(world, device)
        try await Self.approve(world, asked.userCode)
        world.clock.advance(seconds: 5)
        let elsewhere = await Self.collect(world, asked, device.asking(resource: "https://elsewhere.example"))
        #expect(elsewhere.code == .invalidTarget)
        let again = try await Self.ask(world, silent.asking(resource: TestAgent.audience))
        try await Self.approve(world, again.userCode)
        world.clock.advance(seconds: 5)
        #expect(await world.mobile(try await Self.collect(world, again, silent).get().session) != nil)
    }

    @Test func beginningAgainAndAgainFillsNoLog() async throws {
        let world = try await MobileWorld()
        for _ in 0..<30 {
            _ = try await Self.ask(world)
            world.clock.advance(seconds: 1)
        }
        let before = world.ledger.traces(of: .mobileRequested).count
        await #expect(throws: MobileRefusal.self) { _ = try await Self.ask(world) }
        #expect(world.ledger.traces(of: .mobileRequested).count == before)
        world.clock.advance(seconds: 600)
        _ = try await Self.ask(world)
    }

    @Test func aDeviceKeepsTheNameThatWasShown() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        try await Self.approve(world, asked.userCode)
        world.clock.advance(seconds: 5)
        let renamed = MobileRequest.device(MobileRequest.phone.thumbprint, name: nil)
        let session = try await Self.collect(world, asked, renamed).get().session
        #expect(await world.mobile(session)?.mobile?.deviceName == "Tablette de MAX")
        let (id, code) = try await world.pair()
        _ = await world.redeem(code, .phone)
        _ = try await world.desk.confirm("42", pairing: id, by: .user)
        let paired = try await world.redeem(code, renamed).get().session
        #expect(await world.mobile(paired)?.mobile?.deviceName == "Tablette de MAX")
    }

    @Test func proofAndApprovalAreOneCommit() async throws {
        let world = try await MobileWorld()
        try await Self.approve(world, try await Self.ask(world).userCode)
        let last = try #require(world.ledger.commits.last)
        #expect(last.drafts.map(\.event) == [.pinVerified, .mobileApproved])
        #expect(last.drafts[0].evidence?["signature"]?.string != nil && last.drafts[0].session == world.session.id)
        #expect(last.drafts[1].detail?["address"] == "192.0.2.9" && last.drafts[1].session == world.session.id)
    }

    @Test(
        arguments: [{ $0 }, { $0.lowercased() }, { $0.replacing("-", with: "") }, { " \($0.replacing("-", with: " ")) " }]
            as [@Sendable (String) -> String])
    func codeIsReadHoweverItIsSpelt(_ spell: @Sendable (String) -> String) async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        #expect(try await Self.begin(world, spell(asked.userCode))["state"] == "awaiting_pin")
    }

    @Test func wrongPINApprovesNothing() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        let id = try await Self.begin(world, asked.userCode)["id"]?.string ?? ""
        let refusal = try await world.refusal {
            try await world.desk.approve(Secret(text: "0000"), approval: id, acceptLastTry: nil, by: .user)
        }
        #expect(refusal?.code == .pinWrong)
        #expect(await Self.collect(world, asked).code == .authorizationPending)
    }

    @Test func guessingCodesIsStopped() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        for code in ["BBBB-BBBB", "nonsense", "", "BCDF-GHJA", String(repeating: "B", count: 3000)] {
            #expect(try await world.refusal { try await Self.begin(world, code) }?.code == .userCodeUnknown)
        }
        let refusal = try await world.refusal { try await Self.begin(world, asked.userCode) }
        #expect(refusal?.code == .rateLimited && refusal?.members["retry_after"] == 600)
        #expect(world.ledger.traces(of: .mobileRefused).contains { $0.code == "user_code_unknown" })
        world.clock.advance(seconds: 599)
        #expect(try await world.refusal { try await Self.begin(world, asked.userCode) }?.code == .rateLimited)
        world.clock.advance(seconds: 1)
        #expect(try await world.refusal { try await Self.begin(world, asked.userCode) }?.code == .userCodeUnknown)
    }

    @Test func whoAsksTooOftenIsSlowedDown() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        #expect(await Self.collect(world, asked).code == .authorizationPending)
        world.clock.advance(seconds: 4)
        #expect(await Self.collect(world, asked).code == .slowDown)
        world.clock.advance(seconds: 9)
        #expect(await Self.collect(world, asked).code == .slowDown)
        world.clock.advance(seconds: 15)
        #expect(await Self.collect(world, asked).code == .authorizationPending)
        #expect(world.ledger.traces(of: .mobileRefused).isEmpty)
    }

    @Test func codesAreOverAfterTenMinutes() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        world.clock.advance(seconds: 600)
        #expect(try await world.refusal { try await Self.begin(world, asked.userCode) }?.code == .userCodeUnknown)
        #expect(await Self.collect(world, asked).code == .expiredToken)
        #expect(world.ledger.traces(of: .mobileExpired).count == 1)
    }

    @Test func deniedDeviceHearsIt() async throws {
        let world = try await MobileWorld()
        let subscription = world.agent.hub.subscribe(uid: 1000, after: nil)
        let asked = try await Self.ask(world)
        try await world.desk.deny(userCode: asked.userCode, session: world.session.id, by: .user)
        #expect(await Self.collect(world, asked).code == .accessDenied)
        #expect(world.ledger.traces(of: .mobileDenied).count == 1)
        #expect(try await world.refusal { try await Self.begin(world, asked.userCode) }?.code == .userCodeUnknown)
        world.agent.hub.finish()
        var told: [JSON] = []
        for await event in subscription.events where event.event.kind == .mobile { told.append(event.event.data) }
        #expect(told.map { $0["state"] } == ["denied"])
    }

    @Test func codeWithAnotherKeyIsStolen() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        try await Self.approve(world, asked.userCode)
        #expect(await Self.collect(world, asked, .thief).code == .invalidGrant)
        #expect(await Self.collect(world, asked).code == .invalidGrant)
        #expect(world.ledger.traces(of: .mobileAlarm).map(\.reason) == ["code_shared"])
        #expect(await world.registry.mobileSessions.isEmpty)
    }

    @Test func codeThatComesAgainEndsTheSession() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        try await Self.approve(world, asked.userCode)
        let tokens = try await Self.collect(world, asked).get()
        #expect(await Self.collect(world, asked).code == .invalidGrant)
        #expect(await world.mobile(tokens.session) == nil)
        #expect(world.ledger.traces(of: .mobileAlarm).map(\.reason) == ["code_reused"])
    }

    @Test func cardThatLeavesBeforeTheTokensLetsNobodyIn() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        try await Self.approve(world, asked.userCode)
        await world.agent.eject(world.insertion)
        #expect(await Self.collect(world, asked).code == .invalidGrant)
        #expect(world.ledger.traces(of: .mobileFailed).map(\.code) == ["session_ended"])
    }

    @Test func approvalCanBeGivenUp() async throws {
        let world = try await MobileWorld()
        let asked = try await Self.ask(world)
        let id = try await Self.begin(world, asked.userCode)["id"]?.string ?? ""
        try await world.desk.cancelApproval(id, by: .user)
        #expect(try await world.desk.approval(id, for: .user)["state"] == "cancelled")
        #expect(try await world.refusal { try await world.desk.approval(id, for: .other) }?.code == .loginNotFound)
        #expect(world.ledger.traces(of: .mobileCancelled).count == 1)
    }

    @Test func devicesThatAskAreNotWithoutEnd() async throws {
        let world = try await MobileWorld(limits: RemoteLimits(address: 10_000, thumbprint: 10_000, client: 10_000))
        let first = try await Self.ask(world)
        // The same key asks again: its earlier codes are over.
        _ = try await Self.ask(world)
        #expect(await Self.collect(world, first).code == .invalidGrant)
        var refused: MobileRefusal.Code?
        for index in 0..<300 where refused == nil {
            let key = Base64URL.encode([UInt8](repeating: UInt8(index % 256), count: 31) + [UInt8(index / 256 + 1)])
            do throws(MobileRefusal) { _ = try await world.desk.authorize(.device(key)) } catch { refused = error.code }
        }
        #expect(refused == .temporarilyUnavailable)
        // One address does not keep others from asking.
        _ = try await Self.ask(world, .thief)
    }

    @Test func unknownDeviceCodeIsRefused() async throws {
        let world = try await MobileWorld()
        #expect(await world.tokens(.device(code: "guess"), .phone).code == .invalidGrant)
        #expect(await world.tokens(.device(code: String(repeating: "a", count: 4000)), .phone).code == .invalidGrant)
    }
}
