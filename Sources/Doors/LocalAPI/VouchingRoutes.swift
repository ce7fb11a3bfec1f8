internal import APIContract
internal import Audit
internal import HTTPTypes
internal import Hummingbird
internal import LoginFlow
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addVouchingRoutes(to group: RouterGroup<CallContext>) {
        group.post("degraded/vouchings") { request, context in
            let caller = try await seated(.login, .degradedRefused, context)
            var fields = try await RequestFields(request)
            var texts: [String: String] = [:]
            for name in ["session", "national_id", "family_name", "given_name", "profession", "reason"] {
                guard let text = try fields.string(name) else { throw RequestFields.invalid("\(name) is missing") }
                texts[name] = text
            }
            let (note, minutes) = (try fields.string("note"), try fields.integer("minutes"))
            guard minutes.map({ (1...Self.mostMinutes).contains($0) }) ?? true else {
                throw RequestFields.invalid("minutes is out of bounds")
            }
            let token = try Self.tokenRequest(&fields, audienceNeeded: false)
            let forUID = try fields.uid("for_uid")
            try fields.finish()
            let vouching: Vouching
            do throws(Refusal) {
                vouching = try Vouching(
                    nationalID: texts["national_id"] ?? "", familyName: texts["family_name"] ?? "", givenName: texts["given_name"] ?? "",
                    profession: texts["profession"] ?? "", reason: texts["reason"] ?? "", note: note, life: minutes.map { $0 * 60 },
                    token: token, forUID: forUID)
            } catch {
                throw try await traced(error, .degradedRefused, caller)
            }
            let json = try await desk.beginVouching(vouching, session: texts["session"] ?? "", by: caller)
            var response = Answer.json(json, status: .created)
            response.headers[.location] = "\(API.prefix)/degraded/vouchings/\(json["id"]?.string ?? "")"
            return response
        }
        group.get("degraded/vouchings/:id") { _, context in
            Answer.json(try await desk.vouching(try context.parameter("id"), for: try context.caller()))
        }
        group.delete("degraded/vouchings/:id") { _, context in
            try await desk.cancelVouching(try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.put("degraded/vouchings/:id/pin") { request, context in
            let caller = try await seated(.pin, .pinRefused, context)
            let pin = try await Self.secret(request)
            let opened = try await desk.vouch(
                pin, vouching: try context.parameter("id"), acceptLastTry: Self.acceptLastTry(request), by: caller)
            return Answer.json(Self.opened(opened.session, opened.token))
        }
    }

    /// More than any establishment allows.
    private static let mostMinutes: Int64 = 1440

    func addLostCardRoutes(to group: RouterGroup<CallContext>) {
        group.get("degraded/lost-cards") { _, context in
            Answer.json(["lost_cards": .array(try await lostCards.list(for: try context.caller()).map(\.json))])
        }
        group.post("degraded/lost-cards") { request, context in
            let caller = try context.caller()
            try await spend(.login, .degradedRefused, caller)
            var fields = try await RequestFields(request)
            let (session, serial) = (try fields.string("session"), try fields.string("serial"))
            let cause = try fields.string("cause").flatMap(LostCard.Cause.init(rawValue:))
            try fields.finish()
            guard let session, let cause else { throw RequestFields.invalid("session is missing, or cause is neither lost nor stolen") }
            return Answer.json(try await lostCards.report(cause, serial: serial, session: session, by: caller).json, status: .created)
        }
        group.delete("degraded/lost-cards/:serial") { _, context in
            let caller = try context.caller()
            try await spend(.login, .degradedRefused, caller)
            try await registry.liftLost(try context.parameter("serial"), by: caller)
            return Answer.nothing
        }
    }
}
