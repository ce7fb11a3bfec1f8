import CPSTokenVerifier
import Foundation
import HTTPTypes
import Hummingbird

// A server that gives out patient records to whoever has a token for it, and checks tokens for an nginx before others.
//
//     AUDIENCE=https://records.example ISSUER=https://ws-042.example \
//         JWKS=https://ws-042.example/.well-known/jwks.json PORT=8080 example-resource-server

@main
struct ResourceServer {
    let verifier: TokenVerifier
    let keys: KeyCache
    /// This server as its clients see it. From the configuration: a `Host` header is what somebody sent.
    let origin: String

    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let audience = environment["AUDIENCE"], let issuer = environment["ISSUER"], let jwks = environment["JWKS"],
            let port = environment["PORT"].flatMap(Int.init)
        else {
            print("AUDIENCE, ISSUER, JWKS and PORT must be set")
            exit(2)
        }
        let policy = TokenPolicy(issuer: issuer, audience: audience, levels: [.card, .mobile], scopes: ["record:read"])
        let server = ResourceServer(verifier: TokenVerifier(policy), keys: KeyCache(address: jwks), origin: audience)
        let router = Router()
        router.get("patients/:id") { request, _ in
            await server.answer(request, method: request.method.rawValue, path: request.uri.string) { token in
                Response(status: .ok, body: .init(byteBuffer: .init(string: "{\"reader\":\"\(token.subject)\"}\n")))
            }
        }
        // For `auth_request` of nginx, which passes on 2xx alone; it must be out of reach of everybody else.
        router.get("verify") { request, _ in
            let (method, path) = (request.headers[.originalMethod] ?? "", request.headers[.originalURI] ?? "")
            var answer = await server.answer(request, method: method, path: path) { token in
                Response(status: .noContent, headers: [.subject: token.subject, .trace: "\(token.trace)"])
            }
            // nginx knows 401 and 403 alone.
            if answer.status == .badRequest { answer.status = .unauthorized }
            return answer
        }
        try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port))).runService()
    }

    /// Serves what the token allows, or answers what is wrong with it.
    func answer(
        _ request: Request, method: String, path: String, _ serve: @Sendable (VerifiedToken) -> Response
    ) async -> Response {
        let asked = TokenRequest(
            authorization: request.headers[.authorization], proofs: request.headers[values: .dpop], method: method, url: origin + path)
        do {
            return serve(try await verified(asked))
        } catch let rejection as TokenRejection {
            var headers = HTTPFields()
            headers[.wwwAuthenticate] = rejection.challenge
            headers[.dpopNonce] = rejection.nonce
            return Response(status: .init(code: rejection.status), headers: headers)
        } catch {
            return Response(status: .serviceUnavailable)
        }
    }

    /// The token, by keys that are fetched anew when they do not have its own.
    private func verified(_ request: TokenRequest) async throws -> VerifiedToken {
        guard let known = try await keys.current() else { throw HTTPError(.serviceUnavailable) }
        do {
            return try await verifier.verify(request, keys: known)
        } catch  where error.reason == .unknownKey {
            guard let renewed = try await keys.current(renewed: true) else { throw error }
            return try await verifier.verify(request, keys: renewed)
        }
    }
}

extension HTTPField.Name {
    private static func named(_ text: String) -> Self { Self(text) ?? .authorization }

    static let dpop = named("DPoP")
    static let dpopNonce = named("DPoP-Nonce")
    static let originalMethod = named("X-Original-Method")
    static let originalURI = named("X-Original-URI")
    static let subject = named("X-Subject")
    static let trace = named("X-Trace")
}
