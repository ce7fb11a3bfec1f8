internal import APIContract
internal import Audit
internal import Hummingbird
internal import LoginFlow
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addPINRoutes(to group: RouterGroup<CallContext>) {
        group.get("readers/:reader/codes") { _, context in
            try await atSeat(.agentRefused, context)
            return Answer.json(try await board.codes(in: try context.parameter("reader")))
        }
        group.post("pin-changes") { request, context in try await begin(.change, "pin-changes", request, context) }
        group.get("pin-changes/:id") { _, context in
            Answer.json(try await desk.pin(.change, try context.parameter("id"), for: try context.caller()))
        }
        group.delete("pin-changes/:id") { _, context in
            try await desk.cancelPIN(.change, try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.put("pin-changes/:id/current") { request, context in try await give(.current, to: .change, request, context) }
        group.put("pin-changes/:id/new") { request, context in try await give(.new, to: .change, request, context) }
        group.post("pin-unblocks") { request, context in try await begin(.unblock, "pin-unblocks", request, context) }
        group.get("pin-unblocks/:id") { _, context in
            Answer.json(try await desk.pin(.unblock, try context.parameter("id"), for: try context.caller()))
        }
        group.delete("pin-unblocks/:id") { _, context in
            try await desk.cancelPIN(.unblock, try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.put("pin-unblocks/:id/puk") { request, context in try await give(.puk, to: .unblock, request, context) }
        group.put("pin-unblocks/:id/new") { request, context in try await give(.new, to: .unblock, request, context) }
    }

    private func begin(
        _ operation: PINOperation, _ route: String, _ request: Request, _ context: CallContext
    ) async throws -> Response {
        let caller = try await seated(.login, .pinRefused, context)
        var fields = try await RequestFields(request)
        let reader = try fields.string("reader")
        try fields.finish()
        let json = try await desk.beginPIN(operation, reader: reader, by: caller)
        var response = Answer.json(json, status: .created)
        response.headers[.location] = "\(API.prefix)/\(route)/\(json["id"]?.string ?? "")"
        return response
    }

    private func give(
        _ code: PINOperation.Code, to operation: PINOperation, _ request: Request, _ context: CallContext
    ) async throws -> Response {
        let caller = try await atSeat(.pinRefused, context)
        // The new PIN costs no try.
        if code != .new { try await spend(.pin, .pinRefused, caller) }
        let secret = try await Self.secret(request)
        return Answer.json(
            try await desk.give(
                secret, as: code, to: operation, try context.parameter("id"), acceptLastTry: Self.acceptLastTry(request), by: caller))
    }
}
