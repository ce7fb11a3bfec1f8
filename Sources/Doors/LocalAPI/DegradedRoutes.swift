internal import APIContract
internal import Audit
internal import DegradedLogin
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Sessions
internal import Workstation

extension LocalAPI {
    func addDegradedRoutes(to group: RouterGroup<CallContext>) {
        group.get("degraded") { _, context in
            _ = try context.caller()
            return Answer.json(degraded.rules.json(at: time.now()))
        }
        group.post("degraded/logins") { request, context in
            let caller = try await seated(.login, .degradedRefused, context)
            var fields = try await RequestFields(request)
            guard let identifier = try fields.string("identifier"), let reason = try fields.string("reason") else {
                throw RequestFields.invalid("identifier or reason is missing")
            }
            let user = try Self.user(&fields)
            let login = DegradedRequest(
                identifier: identifier, reason: reason, note: try fields.string("note"),
                token: try Self.tokenRequest(&fields, audienceNeeded: false), forUID: user.uid,
                account: user.account, resumes: try fields.string("resumes"), profile: try fields.string("profile"),
                emergency: try Self.emergency(try fields.object("break_glass")))
            try fields.finish()
            let json = try await degraded.begin(login, by: caller)
            var response = Answer.json(json, status: .created)
            response.headers[.location] = "\(API.prefix)/degraded/logins/\(json["id"]?.string ?? "")"
            return response
        }
        group.get("degraded/logins/:id") { _, context in
            Answer.json(try await degraded.login(try context.parameter("id"), for: try context.caller()))
        }
        group.delete("degraded/logins/:id") { _, context in
            try await degraded.cancel(try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.put("degraded/logins/:id/password") { request, context in
            let caller = try await seated(.pin, .degradedRefused, context)
            let password = try await Self.secret(request)
            let opened = try await degraded.enter(password, login: try context.parameter("id"), by: caller)
            let session = Self.opened(opened.session, opened.token)
            let answer = opened.account.map { session.with("account", $0.json) } ?? session
            return Answer.json(opened.isPasswordOld ? answer.with("password_renewal_suggested", true) : answer)
        }
    }
}
