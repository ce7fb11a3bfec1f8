import Accounts
import Audit
import DegradedMode
import Identity
import Primitives
import Sessions
import TestSupport
import Testing

/// A person sets a password while their card is there.
struct EnrolmentTests {
    @Test func thePasswordFitsAfterTheCardHasGone() async throws {
        let world = try await AccountWorld()
        let account = try await world.enrol()
        #expect(account["state"] == "enabled")
        #expect(account["way_in"]?["origin"] == "holder")
        #expect(account["way_in"]?["card_serial"] == "00000001")
        let found = try await world.verify(AccountWorld.password)
        #expect(found.person.text == AccountWorld.doctor)
        #expect(found.holder.role == "10")
        #expect(await world.desk.isOpen(found.id))
        let trace = try #require(world.traces(.accountCreated).first)
        #expect(trace.session == "card-\(AccountWorld.doctor)")
        #expect(trace.detail?["origin"] == "holder")
        #expect(trace.detail?["person"]?["national_id"] == .string(AccountWorld.doctor))
    }

    @Test func anotherPasswordTakesThePlaceOfTheOneBefore() async throws {
        let world = try await AccountWorld()
        let first = try await world.enrol()
        let second = try await world.enrol(AccountWorld.better)
        #expect(first["id"] == second["id"])
        #expect(world.traces(.accountPasswordSet).first?.detail?["by"] == "card")
        #expect(try await world.refusal { try await world.verify(AccountWorld.password) }?.code == .credentialsRefused)
        _ = try await world.verify(AccountWorld.better)
        // Back to the one before, or the same again: not taken.
        for used in [AccountWorld.password, AccountWorld.better] {
            let refusal = try await world.refusal { try await world.enrol(used) }
            #expect(refusal == Refusal(.passwordWeak, ["reason": "used_before"]))
            await world.leave(AccountWorld.doctor)
        }
    }

    @Test func aWeakPasswordMayBeFollowedByAnother() async throws {
        let world = try await AccountWorld()
        let session = try await world.present(AccountWorld.doctor)
        let user = world.user(AccountWorld.doctor)
        let id = try await world.desk.beginEnrolment(session: session, by: user)["id"]?.string ?? ""
        for (text, code, reason) in [
            ("Libre#2026-xyz", ErrorCode.passwordWeak, "identity"), ("Bonjour-2026!", .passwordWeak, "dictionary"),
            ("99900063480", .passwordWeak, "pin_like"), ("short", .passwordWeak, "too_simple"), ("", .passwordFormat, "empty"),
            (String(repeating: "a", count: 1025), .passwordFormat, "too_long"), ("a\u{7}bcdefgh", .passwordFormat, "control_characters"),
        ] {
            let refusal = try await world.refusal { try await world.desk.setPassword(Secret(text: text), of: id, by: user) }
            #expect(refusal == Refusal(code, ["reason": .string(reason)]))
        }
        #expect(world.traces(.accountRefused).compactMap { $0.detail?["reason"]?.string }.count == 7)
        _ = try await world.desk.setPassword(Secret(text: AccountWorld.password), of: id, by: user)
        #expect(try await world.refusal { try await world.desk.entry(id, .enrolment, for: user) }?.code == .loginNotFound)
    }

    @Test func whoAdministersNeedsALongerOne() async throws {
        let world = try await AccountWorld()
        let session = try await world.present(AccountWorld.referent)
        let user = world.user(AccountWorld.referent)
        let id = try await world.desk.beginEnrolment(session: session, by: user)["id"]?.string ?? ""
        let refusal = try await world.refusal { try await world.desk.setPassword(Secret(text: AccountWorld.password), of: id, by: user) }
        #expect(refusal?.members["reason"] == "too_short_for_administration")
        _ = try await world.desk.setPassword(Secret(text: AccountWorld.better), of: id, by: user)
    }

    @Test func withoutTheCardNothingIsSet() async throws {
        let world = try await AccountWorld()
        let user = world.user(AccountWorld.doctor)
        #expect(try await world.refusal { try await world.desk.beginEnrolment(session: "none", by: user) }?.code == .sessionNotFound)
        let degraded = try await world.present(AccountWorld.doctor, mode: .degraded)
        #expect(try await world.refusal { try await world.desk.beginEnrolment(session: degraded, by: user) }?.code == .cardSessionRequired)
        let session = try await world.present(AccountWorld.doctor)
        #expect(
            try await world.refusal { try await world.desk.beginEnrolment(session: session, by: AccountWorld.ward) }?.code
                == .sessionNotFound)
        let id = try await world.desk.beginEnrolment(session: session, by: user)["id"]?.string ?? ""
        await world.leave(AccountWorld.doctor)
        let refusal = try await world.refusal { try await world.desk.setPassword(Secret(text: AccountWorld.password), of: id, by: user) }
        #expect(refusal?.code == .sessionEnded)
        #expect(world.ledger.kept(.account).isEmpty)
        #expect(world.traces(.accountRefused).count == 4)
    }

    @Test func anEnrolmentEndsAndBelongsToItsUser() async throws {
        let world = try await AccountWorld()
        let session = try await world.present(AccountWorld.doctor)
        let user = world.user(AccountWorld.doctor)
        let id = try await world.desk.beginEnrolment(session: session, by: user)["id"]?.string ?? ""
        #expect(try await world.desk.entry(id, .enrolment, for: user)["awaits"] == ["password"])
        #expect(try await world.refusal { try await world.desk.entry(id, .enrolment, for: AccountWorld.ward) }?.code == .loginNotFound)
        #expect(try await world.refusal { try await world.desk.entry(id, .change, for: user) }?.code == .loginNotFound)
        world.clock.advance(seconds: 300)
        #expect(try await world.refusal { try await world.desk.entry(id, .enrolment, for: user) }?.code == .loginExpired)
        let other = try await world.desk.beginEnrolment(session: session, by: user)["id"]?.string ?? ""
        try await world.desk.cancel(other, .enrolment, by: user)
        #expect(try await world.refusal { try await world.desk.entry(other, .enrolment, for: user) }?.code == .loginNotFound)
    }

    @Test func nobodyKeepsTheDeskBusyWithEntries() async throws {
        let world = try await AccountWorld()
        for _ in 0..<8 { _ = try await world.desk.beginChange("x", by: AccountWorld.ward) }
        #expect(try await world.refusal { try await world.desk.beginChange("x", by: AccountWorld.ward) }?.code == .rateLimited)
        _ = try await world.desk.beginChange("x", by: .user)
        world.clock.advance(seconds: 301)
        _ = try await world.desk.beginChange("x", by: AccountWorld.ward)
    }

    @Test func withoutItsTraceNothingIsSet() async throws {
        let world = try await AccountWorld()
        let session = try await world.present(AccountWorld.doctor)
        let user = world.user(AccountWorld.doctor)
        let id = try await world.desk.beginEnrolment(session: session, by: user)["id"]?.string ?? ""
        world.ledger.setFails(true)
        let refusal = try await world.refusal { try await world.desk.setPassword(Secret(text: AccountWorld.password), of: id, by: user) }
        #expect(refusal?.code == .traceUnavailable)
        world.ledger.setFails(false)
        #expect(world.ledger.kept(.account).isEmpty)
        _ = try await world.desk.setPassword(Secret(text: AccountWorld.password), of: id, by: user)
    }

    @Test func withoutADictionaryNoPasswordIsTaken() async throws {
        let world = try await AccountWorld(dictionary: "/nonexistent/dictionary")
        #expect(try await world.refusal { try await world.enrol() }?.code == .dictionaryMissing)
    }

    @Test func offIsOff() async throws {
        let world = try await AccountWorld(isEnabled: false)
        #expect(try await world.refusal { try await world.enrol() }?.members["contact"] == "Mme Martin, 12 34")
        #expect(try await world.refusal { try await world.made() }?.code == .degradedDisabled)
        #expect(try await world.refusal { try await world.verify(AccountWorld.password) }?.code == .degradedDisabled)
        #expect(try await world.refusal { try await world.desk.beginChange("x", by: .user) }?.code == .degradedDisabled)
    }

    @Test func noAnswerTraceOrReportHoldsAPasswordOrAHash() async throws {
        let world = try await AccountWorld()
        let account = try await world.enrol()
        _ = try await world.refusal { try await world.verify("Wr0ng-Passw0rd-7") }
        _ = try await world.changePassword(AccountWorld.password, to: AccountWorld.better)
        let told = [String(decoding: account.canonical, as: UTF8.self), world.ledger.written] + world.reports.all
        let leaves = world.ledger.traces.map { String(decoding: $0.leaf(seq: 0, salt: [], workstation: ""), as: UTF8.self) }
        for text in told + leaves {
            for secret in [AccountWorld.password, AccountWorld.better, "Wr0ng-Passw0rd-7", "argon2"] { #expect(!text.contains(secret)) }
        }
    }
}
