internal import APIContract
internal import Audit
internal import HTTPTypes
internal import Habilitation
internal import Hummingbird
internal import MobileSessions
internal import Primitives
internal import Sessions

/// Letting in a device from a card session of the workstation.
extension LocalAPI {
    func addMobileRoutes(to group: RouterGroup<CallContext>) {
        group.post("mobile/pairings") { request, context in
            let caller = try context.caller()
            try await spend(.login, .mobileRefused, caller)
            var fields = try await RequestFields(request)
            let session = try Self.needed("session", &fields)
            let (texts, resource) = (try fields.strings("scopes"), try fields.string("resource"))
            let life = try Self.life(&fields)
            try fields.finish()
            var scopes: [Scope] = []
            for text in texts {
                guard let scope = Scope(text) else { throw RequestFields.invalid("\(text.prefix(64)) is not a scope") }
                scopes.append(scope)
            }
            guard resource.map({ (1...Self.longestResource).contains($0.utf8.count) }) ?? true else {
                throw RequestFields.invalid("resource is not a text of 1 to \(Self.longestResource) bytes")
            }
            let json = try await mobile.pair(session: session, scopes: scopes, resource: resource, life: life, by: caller)
            var response = Answer.json(json, status: .created)
            response.headers[.location] = "\(API.prefix)/mobile/pairings/\(json["id"]?.string ?? "")"
            return response
        }
        group.get("mobile/pairings/:id") { _, context in
            Answer.json(try await mobile.pairing(try context.parameter("id"), for: try context.caller()))
        }
        group.delete("mobile/pairings/:id") { _, context in
            try await mobile.cancelPairing(try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.post("mobile/pairings/:id/digits") { request, context in
            let caller = try context.caller()
            try await spend(.login, .mobileRefused, caller)
            var fields = try await RequestFields(request)
            let digits = try Self.needed("digits", &fields)
            try fields.finish()
            // What cannot be the digits of any device is no try.
            guard digits.utf8.count == 2, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw RequestFields.invalid("digits are two digits")
            }
            return Answer.json(try await mobile.confirm(digits, pairing: try context.parameter("id"), by: caller))
        }
    }

    /// In bytes.
    private static let longestResource = 512
    /// More than any establishment allows.
    private static let mostMinutes: Int64 = 720

    /// Seconds that a session may last; `nil` for the usual time.
    static func life(_ fields: inout RequestFields) throws(Refusal) -> Int64? {
        guard let minutes = try fields.integer("minutes") else { return nil }
        guard (1...mostMinutes).contains(minutes) else { throw RequestFields.invalid("minutes is not 1 to \(mostMinutes)") }
        return minutes * 60
    }
}
