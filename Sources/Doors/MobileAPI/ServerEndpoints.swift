internal import HTTPServing
internal import HTTPTypes
internal import HummingbirdCore
internal import MobileSessions
internal import Primitives
internal import ServiceLifecycle
internal import Sessions

extension MobileAPI {
    /// How long a server may believe an answer about a token.
    private static let introspectionCache = "private, max-age=5"
    private static let mostSignals = 100
    private static let mostAcknowledged = 1000
    private static let longestIdentifier = 128

    func introspect(_ request: Request, _ end: RemoteEnd) async throws -> Response {
        let form = try await request.form()
        let server = try await servers.server(form, end, .introspection)
        guard let token = form["token"] else { throw MobileRefusal(.invalidRequest, "token is missing") }
        let claims = try await service.introspect(token, by: server, at: end.address.text)
        // RFC 7662 §2.2: nothing else may be known of a token that is not good.
        return OAuthAnswer.json(claims["active"]?.bool == true ? claims : ["active": .bool(false)], cache: Self.introspectionCache)
    }

    func revoke(_ request: Request, _ end: RemoteEnd) async throws -> Response {
        let form = try await request.form()
        let caller: Client
        if let name = form["client_id"], let entry = clients().named(name), entry.isDevice, form["client_assertion"] == nil {
            caller = entry.client
        } else {
            caller = try await servers.server(form, end, .revocation)
        }
        guard let token = form["token"] else { throw MobileRefusal(.invalidRequest, "token is missing") }
        try await service.revoke(token, by: caller, at: end.address.text)
        return OAuthAnswer.json([:])
    }

    func poll(_ request: Request, _ end: RemoteEnd) async throws -> Response {
        let server = try await servers.server(request, end, .events)
        let body = try await request.jsonObject()
        let acknowledged = try Self.identifiers(body["ack"], "ack")
        let errors = try Self.failed(body["setErrs"])
        let most = try Self.most(body["maxEvents"])
        let waits = try !Self.flag(body["returnImmediately"])
        // A stop does not wait for who waits for news.
        let page = try await cancelWhenGracefulShutdown { [service] in
            try await service.poll(acknowledged: acknowledged, errors: errors, most: most, waits: waits && most > 0, by: server)
        }
        return OAuthAnswer.json([
            "sets": .object(Dictionary(page.signals.map { ($0.id, .string($0.token)) }, uniquingKeysWith: { first, _ in first })),
            "moreAvailable": .bool(page.moreAvailable),
        ])
    }

    private static func identifiers(_ value: JSON?, _ name: String) throws(MobileRefusal) -> [String] {
        guard let value else { return [] }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count, texts.count <= mostAcknowledged,
            texts.allSatisfy({ $0.utf8.count <= longestIdentifier })
        else { throw MobileRefusal(.invalidRequest, "\(name) must be a list of at most \(mostAcknowledged) identifiers") }
        return texts
    }

    private static func failed(_ value: JSON?) throws(MobileRefusal) -> [String] {
        guard let value else { return [] }
        guard case .object(let members) = value else { throw MobileRefusal(.invalidRequest, "setErrs must be an object") }
        return try identifiers(.array(members.keys.sorted().map { .string($0) }), "setErrs")
    }

    /// RFC 8936 §2.4: 0 asks for nothing, and only acknowledges.
    private static func most(_ value: JSON?) throws(MobileRefusal) -> Int {
        guard let value else { return mostSignals }
        guard let number = value.int, number >= 0 else { throw MobileRefusal(.invalidRequest, "maxEvents must be a number") }
        return Int(min(number, Int64(mostSignals)))
    }

    private static func flag(_ value: JSON?) throws(MobileRefusal) -> Bool {
        guard let value else { return false }
        guard let flag = value.bool else { throw MobileRefusal(.invalidRequest, "returnImmediately must be true or false") }
        return flag
    }
}
