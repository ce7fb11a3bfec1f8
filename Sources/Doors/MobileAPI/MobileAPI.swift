internal import HTTPTypes
internal import HummingbirdCore
internal import JOSE
package import MobileSessions
internal import NIOCore
internal import NIOHTTP1
package import Primitives
package import Sessions

/// What the listener answers: each request is read and whoever sends it is checked here; a ``MobileService`` decides.
package struct MobileAPI: Sendable {
    let issuer: String
    let service: any MobileService
    let clients: @Sendable () -> RemoteClients
    let keys: @Sendable () -> JSON
    let proofs: ProofCheck
    let servers: ServerCheck
    private let refusals: RefusalBudget

    /// - Parameters:
    ///   - issuer: `tokens.issuer`: the https address of the listener, as devices see it.
    ///   - clients: the programs on other machines, as the configuration and its files say now.
    ///   - keys: the keys that tokens are signed with, as a JWK set.
    package init(
        issuer: String, service: any MobileService, clients: @escaping @Sendable () -> RemoteClients,
        keys: @escaping @Sendable () -> JSON, time: any TimeSource, random: any RandomSource, limits: MobileLimits = MobileLimits()
    ) {
        self.issuer = issuer
        self.service = service
        self.clients = clients
        self.keys = keys
        proofs = ProofCheck(
            issuer: issuer, nonces: NonceSource(random: random, time: time),
            replays: ReplayCache(proofsWithin: DPoPProof.window, time: time),
            time: time)
        servers = ServerCheck(issuer: issuer, clients: clients, time: time)
        refusals = RefusalBudget(most: limits.refusals, perSecond: limits.refusalsPerSecond, time: time)
    }

    /// Throws only for what ends the connection: bytes that are no HTTP, or that stop coming.
    func respond(to request: Request, from end: RemoteEnd) async throws -> Response {
        guard let endpoint = MobileEndpoint(request.head) else {
            return OAuthAnswer.error(.invalidRequest, "there is nothing of this name and method", status: .notFound)
        }
        if let seconds = refusals.wait(end.address.network) {
            return OAuthAnswer.refusal(.tooMany(seconds), issuer: issuer)
        }
        var response: Response
        do {
            response = try await answer(endpoint, request, end)
        } catch let error as DoorRefusal {
            await trace(error.refusal, error.client, end, endpoint)
            response = await refused(error.refusal, end, endpoint)
        } catch let error as MobileRefusal {
            response = await refused(error, end, endpoint)
        } catch is NIOTooManyBytesError {
            response = OAuthAnswer.error(.invalidRequest, "the body is too large", status: .contentTooLarge)
        } catch let error as WrongMediaType {
            response = OAuthAnswer.error(.invalidRequest, "the body must be \(error.expected)", status: .unsupportedMediaType)
        }
        if let name = ProofCheck.nonceHeader, [.token, .deviceAuthorization].contains(endpoint) {
            response.headers[name] = proofs.nonces.current()
        }
        return response
    }

    private func answer(_ endpoint: MobileEndpoint, _ request: Request, _ end: RemoteEnd) async throws -> Response {
        switch endpoint {
        case .metadata: OAuthAnswer.json(metadata, cache: "public, max-age=300")
        case .keys: publishedKeys(request)
        case .device: Self.devicePage
        case .deviceAuthorization: try await authorizeDevice(request, end)
        case .token: try await giveTokens(request, end)
        case .introspection: try await introspect(request, end)
        case .revocation: try await revoke(request, end)
        case .events: try await poll(request, end)
        }
    }

    private func refused(_ refusal: MobileRefusal, _ end: RemoteEnd, _ endpoint: MobileEndpoint) async -> Response {
        switch refusal.code {
        // Waiting is no fault, nor is ours; asking too often is one.
        case .authorizationPending, .slowDown, .serverError: break
        case .temporarilyUnavailable where refusal.retryAfter == nil: break
        default:
            if refusals.take(end.address.network) { await trace(.tooMany(1), nil, end, endpoint) }
        }
        return OAuthAnswer.refusal(refusal, issuer: issuer)
    }

    private func trace(_ refusal: MobileRefusal, _ client: String?, _ end: RemoteEnd, _ endpoint: MobileEndpoint) async {
        await service.refused(refusal, client: client, address: end.address.text, what: endpoint.rawValue)
    }
}

extension MobileRefusal {
    fileprivate static func tooMany(_ seconds: Int64) -> MobileRefusal {
        MobileRefusal(.temporarilyUnavailable, "too many requests of this address were refused", retryAfter: seconds)
    }
}
