internal import HTTPServing
internal import HTTPTypes
internal import HummingbirdCore
internal import JOSE
internal import MobileSessions
internal import Primitives
internal import Sessions
internal import Synchronization

/// Finds out which server asks: by the certificate of its connection (RFC 8705 §2.2), or by what it signs with a key of its set
/// (`private_key_jwt`, RFC 7523 §2.2). Nothing else counts.
final class ServerCheck: Sendable {
    private let issuer: String
    private let clients: @Sendable () -> RemoteClients
    private let replays: ReplayCache
    private let time: any TimeSource
    /// Sets of keys as they were read, by the name of their server.
    private let sets = Mutex<[String: (bytes: [UInt8], set: JWKSet?)]>([:])

    init(issuer: String, clients: @escaping @Sendable () -> RemoteClients, time: any TimeSource) {
        self.issuer = issuer
        self.clients = clients
        self.time = time
        replays = ReplayCache(keeping: ClientAssertion.remembered, time: time)
    }

    /// The server that sends a form.
    func server(_ form: FormParameters, _ end: RemoteEnd, _ endpoint: MobileEndpoint) async throws -> Client {
        guard form["client_secret"] == nil else { throw Self.refusal("secrets that are shared are not taken") }
        guard form["client_assertion"] != nil || form["client_assertion_type"] != nil else {
            return try await bearer(of: end, named: form["client_id"])
        }
        guard form["client_assertion_type"] == ClientAssertion.type, let assertion = form["client_assertion"] else {
            throw Self.refusal("client_assertion_type must be \(ClientAssertion.type)")
        }
        return try signer(of: assertion, named: form["client_id"], endpoint)
    }

    /// The server that sends no form: what it signs stands in `Authorization` then.
    func server(_ request: Request, _ end: RemoteEnd, _ endpoint: MobileEndpoint) async throws -> Client {
        let given = request.headers[values: .authorization]
        guard let authorization = given.first else { return try await bearer(of: end, named: nil) }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard given.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Self.refusal("Authorization must be Bearer, with a signed assertion of the server")
        }
        return try signer(of: String(parts[1]), named: nil, endpoint)
    }

    private func bearer(of end: RemoteEnd, named name: String?) async throws -> Client {
        guard let digest = try await end.certificate() else {
            throw Self.refusal("a registered certificate or a signed assertion is needed")
        }
        guard let entry = clients().bearing(certificate: digest), name == nil || name == entry.client.name else {
            throw Self.refusal("the certificate is not one of this client", client: name)
        }
        return entry.client
    }

    private func signer(of assertion: String, named name: String?, _ endpoint: MobileEndpoint) throws -> Client {
        let clients = clients()
        do throws(AssertionRefusal) {
            let assertion = try ClientAssertion.check(
                assertion, audiences: [issuer, issuer + endpoint.rawValue, issuer + MobileEndpoint.token.rawValue], clientID: name,
                now: time.now(), replays: replays, keys: { self.keys(of: $0, clients) })
            guard let entry = clients.named(assertion.clientID) else { throw .unknownClient }
            return entry.client
        } catch .tooMany {
            throw MobileRefusal(.temporarilyUnavailable, AssertionRefusal.tooMany.text)
        } catch {
            throw Self.refusal(error.text, client: name)
        }
    }

    private func keys(of name: String, _ clients: RemoteClients) -> JWKSet? {
        guard case .server(_, let bytes?)? = clients.named(name)?.kind else { return nil }
        return sets.withLock { sets in
            if let known = sets[name], known.bytes == bytes { return known.set }
            let set = try? JWKSet(bytes)
            sets[name] = (bytes, set)
            return set
        }
    }

    private static func refusal(_ detail: String, client: String? = nil) -> DoorRefusal {
        DoorRefusal(MobileRefusal(.invalidClient, detail), client: client)
    }
}

/// A refusal that the door itself has found, and that is to be traced.
struct DoorRefusal: Error {
    let refusal: MobileRefusal
    /// Who the request says it is.
    let client: String?

    init(_ refusal: MobileRefusal, client: String?) {
        self.refusal = refusal
        self.client = client.flatMap { $0.isVisible && $0.utf8.count <= 128 ? $0 : nil }
    }
}
