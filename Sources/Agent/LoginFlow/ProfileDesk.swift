internal import Identity
package import Primitives
package import Sessions

extension LoginDesk {
    /// As ``SessionRegistry/chooseProfile(_:session:by:)``; the login that opened the session is then done.
    package func chooseProfile(_ profile: String, session id: String, by caller: Caller) async throws(Refusal) -> Session {
        let session = try await registry.chooseProfile(profile, session: id, by: caller)
        for login in logins.values where login.state == .awaitingProfile && login.session == id { finish(login.id, .done, nil) }
        return session
    }
}

extension Login {
    /// Whether the session that it opens has to wait for a situation.
    var isAwaitingProfile: Bool { situations.awaitChoice(profile) }
}
