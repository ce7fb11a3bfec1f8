import Accounts
import Audit
import DegradedMode
import Primitives
import Sessions
import TestSupport
import Testing

/// Passwords changed by the one before.
struct PasswordChangeTests {
    @Test func aPasswordIsChangedByTheOneBefore() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        let account = try await world.changePassword(AccountWorld.password, to: AccountWorld.better)
        #expect(account["state"] == "enabled")
        #expect(world.traces(.accountPasswordSet).first?.detail?["by"] == "password")
        _ = try await world.verify(AccountWorld.better)
        #expect(try await world.refusal { try await world.verify(AccountWorld.password) }?.code == .credentialsRefused)
    }

    @Test func theAnswerIsTheSameForAnAccountThatIsNotThere() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        for identifier in [AccountWorld.doctor, "810000000001"] {
            let begun = try await world.desk.beginChange(identifier, by: AccountWorld.ward)
            #expect(begun["awaits"] == ["current_password", "new_password"])
            let id = begun["id"]?.string ?? ""
            let half = try await world.desk.give(Secret(text: "wrong password"), asCurrent: true, of: id, by: AccountWorld.ward)
            #expect(half["awaits"] == ["new_password"])
            let refusal = try await world.refusal {
                try await world.desk.give(Secret(text: AccountWorld.better), asCurrent: false, of: id, by: AccountWorld.ward)
            }
            #expect(refusal == Refusal(.credentialsRefused))
            // The new one is kept for the right one.
            #expect(try await world.desk.entry(id, .change, for: AccountWorld.ward)["awaits"] == ["current_password"])
        }
    }

    @Test func onlyThePasswordThatWasRefusedIsGivenAgain() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        let id = try await world.desk.beginChange(AccountWorld.doctor, by: AccountWorld.ward)["id"]?.string ?? ""
        let desk = world.desk
        _ = try await desk.give(Secret(text: "Bonjour-2026!"), asCurrent: false, of: id, by: AccountWorld.ward)
        let first = try await world.refusal {
            try await desk.give(Secret(text: "wrong password"), asCurrent: true, of: id, by: AccountWorld.ward)
        }
        #expect(first?.code == .credentialsRefused)
        let second = try await world.refusal {
            try await desk.give(Secret(text: AccountWorld.password), asCurrent: true, of: id, by: AccountWorld.ward)
        }
        #expect(second == Refusal(.passwordWeak, ["reason": "dictionary"]))
        #expect(try await desk.entry(id, .change, for: AccountWorld.ward)["awaits"] == ["new_password"])
        let account = try await desk.give(Secret(text: AccountWorld.better), asCurrent: false, of: id, by: AccountWorld.ward)
        #expect(account["state"] == "enabled")
        #expect(try await world.refusal { try await desk.entry(id, .change, for: AccountWorld.ward) }?.code == .loginNotFound)
    }

    @Test func aChangeLosesAgainstAResetOrAClosing() async throws {
        let world = try await AccountWorld()
        let account = try await world.enrol()["id"]?.string ?? ""
        let id = try await world.desk.beginChange(AccountWorld.doctor, by: AccountWorld.ward)["id"]?.string ?? ""
        _ = try await world.desk.give(Secret(text: "Bonjour-2026!"), asCurrent: false, of: id, by: AccountWorld.ward)
        _ = try await world.refusal {
            try await world.desk.give(Secret(text: AccountWorld.password), asCurrent: true, of: id, by: AccountWorld.ward)
        }
        let session = try await world.present(AccountWorld.referent)
        _ = try await world.desk.setDisabled(true, account, session: session, by: world.user(AccountWorld.referent))
        let refusal = try await world.refusal {
            try await world.desk.give(Secret(text: AccountWorld.better), asCurrent: false, of: id, by: AccountWorld.ward)
        }
        #expect(refusal?.code == .accountDisabled)
    }
}
