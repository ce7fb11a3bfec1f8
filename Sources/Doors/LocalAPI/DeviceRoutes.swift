internal import APIContract
internal import Audit
internal import HTTPTypes
internal import Hummingbird
internal import MobileSessions
internal import Primitives
internal import Sessions

/// Letting in a device that shows a code, and the list of devices.
extension LocalAPI {
    func addApprovalRoutes(to group: RouterGroup<CallContext>) {
        group.post("mobile/approvals") { request, context in
            let caller = try await seated(.login, .mobileRefused, context)
            var fields = try await RequestFields(request)
            let (session, code) = (try Self.needed("session", &fields), try Self.needed("user_code", &fields))
            let life = try Self.life(&fields)
            try fields.finish()
            let json = try await mobile.beginApproval(userCode: code, session: session, life: life, by: caller)
            var response = Answer.json(json, status: .created)
            response.headers[.location] = "\(API.prefix)/mobile/approvals/\(json["id"]?.string ?? "")"
            return response
        }
        group.post("mobile/approvals/denials") { request, context in
            let caller = try context.caller()
            try await spend(.login, .mobileRefused, caller)
            var fields = try await RequestFields(request)
            let (session, code) = (try Self.needed("session", &fields), try Self.needed("user_code", &fields))
            try fields.finish()
            try await mobile.deny(userCode: code, session: session, by: caller)
            return Answer.nothing
        }
        group.get("mobile/approvals/:id") { _, context in
            Answer.json(try await mobile.approval(try context.parameter("id"), for: try context.caller()))
        }
        group.delete("mobile/approvals/:id") { _, context in
            try await mobile.cancelApproval(try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.put("mobile/approvals/:id/pin") { request, context in
            let caller = try await seated(.pin, .pinRefused, context)
            let pin = try await Self.secret(request)
            return Answer.json(
                try await mobile.approve(
                    pin, approval: try context.parameter("id"), acceptLastTry: Self.acceptLastTry(request), by: caller))
        }
    }

    func addDeviceRoutes(to group: RouterGroup<CallContext>) {
        group.get("mobile/devices") { request, context in
            let person = request.uri.queryParameters.get("person").map { String($0) }
            return Answer.json(try await mobile.devices(of: person, for: try context.caller()))
        }
        group.delete("mobile/devices/:id") { _, context in
            let caller = try context.caller()
            try await spend(.login, .mobileRefused, caller)
            try await mobile.remove(device: try context.parameter("id"), by: caller)
            return Answer.nothing
        }
        group.post("mobile/devices/revocations") { request, context in
            let caller = try context.caller()
            try await spend(.login, .mobileRefused, caller)
            var fields = try await RequestFields(request)
            let session = try Self.needed("session", &fields)
            try fields.finish()
            return Answer.json(try await mobile.removeAll(session: session, by: caller))
        }
        group.post("mobile/losses") { request, context in
            let caller = try context.caller()
            try await spend(.login, .mobileRefused, caller)
            var fields = try await RequestFields(request)
            let session = try Self.needed("session", &fields)
            let (person, device) = (try fields.string("person"), try fields.string("device"))
            let note = try fields.string("note")
            try fields.finish()
            return Answer.json(
                try await mobile.reportLost(person: person, device: device, note: note, session: session, by: caller))
        }
    }
}
