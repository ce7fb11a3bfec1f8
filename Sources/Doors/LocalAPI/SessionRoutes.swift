internal import Audit
internal import Hummingbird
internal import LoginFlow
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addSessionRoutes(to group: RouterGroup<CallContext>) {
        group.get("sessions") { _, context in
            Answer.json(["sessions": .array(await registry.visibleSessions(to: try context.caller()).map(\.json))])
        }
        group.get("sessions/:id") { _, context in
            Answer.json(try await registry.sessionJSON(try context.parameter("id"), for: try context.caller()))
        }
        group.delete("sessions/:id") { request, context in
            let caller = try context.caller()
            let isLogout = try Self.isLogout(request)
            let session = try await registry.visible(try context.parameter("id"), to: caller)
            try await requireLogin(caller, session)
            await registry.end(session, by: caller, isLogout: isLogout)
            return Answer.nothing
        }
        group.post("sessions/:id/activity") { _, context in
            Answer.json(try await registry.touch(try context.parameter("id"), for: try context.caller()).json)
        }
        group.post("sessions/:id/lock") { _, context in
            Answer.json(try await registry.lock(try context.parameter("id"), by: try context.caller()).json)
        }
        group.put("sessions/:id/unlock") { request, context in
            let caller = try await seated(.pin, .pinRefused, context)
            let pin = try await Self.secret(request)
            let session = try await desk.unlock(
                try context.parameter("id"), pin: pin, acceptLastTry: Self.acceptLastTry(request), by: caller)
            return Answer.json(session.json)
        }
        group.put("sessions/:id/profile") { request, context in
            let caller = try context.caller()
            var fields = try await RequestFields(request)
            guard let profile = try fields.string("profile") else { throw RequestFields.invalid("profile is missing") }
            try fields.finish()
            return Answer.json(try await desk.chooseProfile(profile, session: try context.parameter("id"), by: caller).json)
        }
        group.post("sessions/:id/extension") { request, context in
            let caller = try context.caller()
            var fields = try await RequestFields(request)
            let seconds = try fields.duration("seconds")
            try fields.finish()
            return Answer.json(try await registry.extend(try context.parameter("id"), by: seconds, caller).json)
        }
        group.get("sessions/:id/card/objects") { _, context in
            Answer.json(try await desk.protectedObjects(session: try context.parameter("id"), for: try context.caller()))
        }
        group.post("sessions/:id/tokens") { request, context in
            let caller = try context.caller()
            var fields = try await RequestFields(request)
            guard let wanted = try Self.tokenRequest(&fields, audienceNeeded: true) else { throw Refusal(.audienceRequired) }
            try fields.finish()
            return Answer.json(
                Self.json(try await registry.issueToken(wanted, session: try context.parameter("id"), by: caller)), status: .created)
        }
    }

    /// Whether the program says that the holder logs out; it can say nothing else.
    private static func isLogout(_ request: Request) throws(Refusal) -> Bool {
        guard let reason = request.uri.queryParameters.get("reason") else { return false }
        guard reason == Session.EndReason.logout.rawValue else { throw RequestFields.invalid("reason is not logout") }
        return true
    }

    /// Root ends what it must, whatever the configuration says of its programs.
    private func requireLogin(_ caller: Caller, _ session: Session) async throws(Refusal) {
        guard caller.uid != 0 else { return }
        do throws(Refusal) {
            try caller.client.check(.login)
        } catch {
            var draft = session.trace(.sessionRefused, .refused, at: time.now(), by: caller, code: error.code)
            draft.detail = .object(error.members)
            try await registry.refusals.write(draft)
            throw error
        }
    }
}
