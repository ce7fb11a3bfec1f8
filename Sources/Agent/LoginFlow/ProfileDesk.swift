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

    /// What this holder may choose from: what the directory has, as far as the card vouches for it.
    func situations(of holder: Holder) async throws(Refusal) -> [Situation] {
        do throws(LedgerFailure) {
            return try await directory.situations(of: holder.nationalID).filter { holder.mayWork(in: $0) }
        } catch {
            throw Refusal(.traceUnavailable)
        }
    }

    /// The situation that was asked for, else the only one; `nil` where there is none, or one has to be chosen.
    static func profile(_ wanted: String?, of situations: [Situation]) throws(Refusal) -> Situation? {
        guard let wanted else { return situations.count == 1 ? situations.first : nil }
        return try situations.named(wanted)
    }
}

extension Login {
    /// Whether the session that it opens has to wait for a situation.
    var isAwaitingProfile: Bool { situations.awaitChoice(profile) }
}
