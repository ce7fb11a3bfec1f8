import Accounts
import Audit
import DegradedMode
import Identity
import Primitives
import Sessions
import TestSupport
import Testing

/// Accounts that a référent makes and a second person confirms.
struct ReferentTests {
    private func initial(_ answer: JSON) throws -> String { try #require(answer["initial_password"]?.string) }

    private func id(_ answer: JSON) throws -> String { try #require(answer["id"]?.string) }

    @Test func anInitialPasswordFitsOnceConfirmedAndIsChangedAtFirstUse() async throws {
        let world = try await AccountWorld()
        let made = try await world.made()
        let password = try initial(made)
        #expect(made["state"] == "awaiting_confirmation")
        #expect(world.traces(.accountCreated).first?.detail?["confirmation"] == "awaited")
        // Only the right password is told the true state, and whom to call.
        #expect(
            try await world.refusal { try await world.verify(password) }
                == Refusal(.accountUnconfirmed, ["contact": "Mme Martin, 12 34"]))
        #expect(try await world.refusal { try await world.verify("another password") }?.code == .credentialsRefused)
        let confirmed = try await world.confirm(made)
        #expect(confirmed["state"] == "enabled")
        #expect(confirmed["initial_password"] == nil)
        #expect(confirmed["way_in"]?["confirmed_by"]?["national_id"] == .string(AccountWorld.second))
        #expect(world.traces(.accountConfirmed).first?.detail?["made_by"]?["national_id"] == .string(AccountWorld.referent))
        #expect(try await world.refusal { try await world.verify(password) }?.code == .passwordChangeRequired)
        #expect(await !world.desk.isOpen(try id(made)))
        let changed = try await world.changePassword(password, to: AccountWorld.password)
        #expect(changed["way_in"]?["initial"] == false)
        let account = try await world.verify(AccountWorld.password)
        // Who had a hand in it stays known: they do not review its uses.
        #expect(account.wayIn?.makers(otherThan: account.person).map(\.person.text) == [AccountWorld.referent, AccountWorld.second])
        // The initial password is spent.
        #expect(try await world.refusal { try await world.verify(password) }?.code == .credentialsRefused)
        #expect(try await world.refusal { try await world.changePassword(password, to: AccountWorld.better) }?.code == .credentialsRefused)
    }

    @Test func anInitialPasswordIsGoodForThreeDays() async throws {
        let world = try await AccountWorld()
        let made = try await world.made()
        _ = try await world.confirm(made)
        world.clock.advance(seconds: 72 * 3600 - 1)
        #expect(try await world.refusal { try await world.verify(try initial(made)) }?.code == .passwordChangeRequired)
        world.clock.advance(seconds: 1)
        #expect(try await world.refusal { try await world.verify(try initial(made)) }?.code == .passwordExpired)
        let refusal = try await world.refusal { try await world.changePassword(try initial(made), to: AccountWorld.password) }
        #expect(refusal == Refusal(.passwordExpired, ["contact": "Mme Martin, 12 34"]))
    }

    @Test func whatNobodyConfirmsInThreeDaysIsOver() async throws {
        let world = try await AccountWorld()
        let made = try await world.made()
        world.clock.advance(seconds: 72 * 3600)
        #expect(try await world.refusal { try await world.confirm(made) }?.code == .nothingToConfirm)
    }

    @Test func nobodyConfirmsTheirOwnWork() async throws {
        let world = try await AccountWorld()
        let made = try await world.made()
        for person in [AccountWorld.referent, AccountWorld.doctor] {
            #expect(try await world.refusal { try await world.confirm(made, by: person) }?.code == .secondPersonRequired)
        }
        // Nor twice, nor without a card.
        let degraded = try await world.present(AccountWorld.second, mode: .degraded)
        let user = world.user(AccountWorld.second)
        let account = try id(made)
        #expect(
            try await world.refusal { try await world.desk.confirm(account, session: degraded, by: user) }?.code == .cardSessionRequired)
        _ = try await world.confirm(made)
        #expect(try await world.refusal { try await world.confirm(made) }?.code == .nothingToConfirm)
    }

    @Test func nobodyMakesOrResetsTheirOwnAccount() async throws {
        let world = try await AccountWorld()
        #expect(try await world.refusal { try await world.made(for: AccountWorld.referent) }?.code == .secondPersonRequired)
        let session = try await world.present(AccountWorld.referent)
        let user = world.user(AccountWorld.referent)
        let entry = try await world.desk.beginEnrolment(session: session, by: user)["id"]?.string ?? ""
        let own = try await world.desk.setPassword(Secret(text: AccountWorld.better), of: entry, by: user)
        #expect(
            try await world.refusal { try await world.desk.reset(try id(own), session: session, by: user) }?.code == .secondPersonRequired)
    }

    @Test func onlyAReferentWithTheirCardManages() async throws {
        let world = try await AccountWorld()
        let account = try id(try await world.made())
        let nurse = try await world.present(AccountWorld.second)
        let user = world.user(AccountWorld.second)
        let new = try NewAccount(identifier: "local:x", familyName: "A", givenName: "B", profession: nil, structure: nil)
        let desk = world.desk
        for refusal in [
            try await world.refusal { try await desk.add(new, session: nurse, by: user) },
            try await world.refusal { try await desk.reset(account, session: nurse, by: user) },
            try await world.refusal { try await desk.setDisabled(true, account, session: nurse, by: user) },
            try await world.refusal { try await desk.unlock(account, session: nurse, by: user) },
            try await world.refusal { try await desk.unlock(source: 1, session: nurse, by: user) },
            try await world.refusal { try await desk.list(after: nil, limit: 10, for: user) },
            try await world.refusal { try await desk.show(account, for: user) },
        ] { #expect(refusal?.code == .scopeDenied) }
        let degraded = try await world.present(AccountWorld.referent, mode: .degraded)
        let referent = world.user(AccountWorld.referent)
        #expect(try await world.refusal { try await desk.reset(account, session: degraded, by: referent) }?.code == .forbidden)
    }

    @Test func oneReferentAloneTakesAWayInFromNobody() async throws {
        let world = try await AccountWorld()
        let account = try id(try await world.enrol())
        let session = try await world.present(AccountWorld.referent)
        let reset = try await world.desk.reset(account, session: session, by: world.user(AccountWorld.referent))
        #expect(reset["state"] == "enabled")
        #expect(reset["pending"]?["made_by"]?["national_id"] == .string(AccountWorld.referent))
        #expect(world.traces(.accountReset).count == 1)
        _ = try await world.verify(AccountWorld.password)
        #expect(try await world.refusal { try await world.verify(try initial(reset)) }?.code == .credentialsRefused)
        _ = try await world.confirm(reset)
        world.clock.advance(seconds: 60)
        #expect(try await world.refusal { try await world.verify(AccountWorld.password) }?.code == .credentialsRefused)
        #expect(try await world.refusal { try await world.verify(try initial(reset)) }?.code == .passwordChangeRequired)
    }

    @Test func whereOnePersonWorksAloneItIsConfirmedAndMarked() async throws {
        let world = try await AccountWorld(isSolo: true)
        let made = try await world.made()
        #expect(made["state"] == "enabled")
        #expect(made["way_in"]?["solo"] == true)
        #expect(world.traces(.accountCreated).first?.detail?["confirmation"] == "solo")
        #expect(try await world.refusal { try await world.verify(try initial(made)) }?.code == .passwordChangeRequired)
    }

    @Test func onePersonHasOneAccount() async throws {
        let world = try await AccountWorld()
        _ = try await world.made()
        #expect(try await world.refusal { try await world.made() }?.code == .accountExists)
        #expect(try await world.refusal { try await world.made(for: "99900063480") }?.code == .accountExists)
        #expect(world.ledger.kept(.account).count == 1)
    }

    @Test func aPersonWithoutANumberHasALocalOne() async throws {
        let world = try await AccountWorld()
        let made = try await world.made(for: "local:m.durand")
        #expect(made["national_id"] == "local:m.durand")
        for identifier in ["local:m.durand", "m.durand"] {
            #expect(try await world.refusal { try await world.verify(try initial(made), identifier) }?.code == .accountUnconfirmed)
        }
    }

    @Test(
        arguments: [
            ("899900063481", "A", "B", nil, nil), ("99900063481", "A", "B", nil, nil), ("", "A", "B", nil, nil),
            ("local:", "A", "B", nil, nil),
            ("local:a\nb", "A", "B", nil, nil), (String(repeating: "9", count: 200), "A", "B", nil, nil), ("local:a", "", "B", nil, nil),
            ("local:a", "A\u{1B}[2J", "B", nil, nil), ("local:a", "A", "B\n", nil, nil), ("local:a", "A", "\u{202E}B", nil, nil),
            ("local:a", String(repeating: "A", count: 257), "B", nil, nil), ("local:a", "A", "B", "9999", nil),
            ("local:a", "A", "B", "10\n", nil),
            ("local:a", "A", "B", nil, ""),
        ] as [(String, String, String, String?, String?)])
    func hostileDataMakeNoAccount(_ identifier: String, family: String, given: String, profession: String?, structure: String?) {
        #expect(throws: Refusal.self) {
            _ = try NewAccount(identifier: identifier, familyName: family, givenName: given, profession: profession, structure: structure)
        }
    }

    @Test func aDisabledAccountLetsNobodyInAndEndsWhatIsOpen() async throws {
        let world = try await AccountWorld()
        let account = try id(try await world.enrol())
        let open = try await world.present(AccountWorld.doctor, mode: .degraded)
        let session = try await world.present(AccountWorld.referent)
        let referent = world.user(AccountWorld.referent)
        let disabled = try await world.desk.setDisabled(true, account, session: session, by: referent)
        #expect(disabled["state"] == "disabled")
        #expect(world.ledger.sessions[open]?.endReason == .accountDisabled)
        #expect(world.ledger.sessions[session]?.state == .active)
        #expect(
            try await world.refusal { try await world.verify(AccountWorld.password) }
                == Refusal(.accountDisabled, ["contact": "Mme Martin, 12 34"]))
        #expect(try await world.refusal { try await world.verify("wrong password") }?.code == .credentialsRefused)
        #expect(
            try await world.refusal { try await world.changePassword(AccountWorld.password, to: AccountWorld.better) }?.code
                == .accountDisabled)
        // The holder's card does not open again what a référent has closed.
        #expect(try await world.refusal { try await world.enrol(AccountWorld.better) }?.code == .accountDisabled)
        _ = try await world.desk.setDisabled(false, account, session: session, by: referent)
        _ = try await world.verify(AccountWorld.password)
        #expect(world.traces(.accountDisabled).first?.detail?["rules"] == ["role.administration"])
        #expect(world.traces(.accountEnabled).count == 1)
    }

    @Test func accountsAreListedInPagesAndShownToTheirPerson() async throws {
        let world = try await AccountWorld()
        let ids = [
            try id(try await world.made()), try id(try await world.made(for: "local:a")), try id(try await world.made(for: "local:b")),
        ]
        let referent = world.user(AccountWorld.referent)
        let first = try await world.desk.list(after: nil, limit: 2, for: referent)
        let second = try await world.desk.list(after: first["next"]?.string, limit: 2, for: referent)
        let listed = ((first["accounts"]?.array ?? []) + (second["accounts"]?.array ?? [])).compactMap { $0["id"]?.string }
        #expect(listed == ids.sorted())
        #expect(second["next"] == .null)
        #expect(String(decoding: first.canonical, as: UTF8.self).contains("argon2") == false)
        _ = try await world.desk.list(after: nil, limit: 2, for: .root)
        try await world.present(AccountWorld.doctor)
        #expect(try await world.desk.show(ids[0], for: world.user(AccountWorld.doctor))["national_id"] == .string(AccountWorld.doctor))
        #expect(try await world.refusal { try await world.desk.show(ids[1], for: world.user(AccountWorld.doctor)) }?.code == .scopeDenied)
        #expect(try await world.refusal { try await world.desk.show("none", for: referent) }?.code == .accountNotFound)
        #expect(try await world.refusal { try await world.desk.show("none", for: AccountWorld.ward) }?.code == .scopeDenied)
    }

    @Test func aDamagedRowIsNoAccountAndHarmsNoOther() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        _ = try await world.ledger.commit([], [.keep(KeptRecord(.account, "bad", key: "local:bad", isOpen: false, json: ["id": "bad"]))])
        #expect(try await world.refusal { try await world.verify(AccountWorld.password, "local:bad") }?.code == .internalError)
        _ = try await world.verify(AccountWorld.password)
        #expect(world.reports.all.contains { $0.contains("bad") })
    }
}
