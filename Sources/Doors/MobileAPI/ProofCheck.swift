internal import HTTPTypes
internal import HummingbirdCore
internal import JOSE
internal import MobileSessions
internal import Primitives

/// Checks that a request of a device proves its key (RFC 9449): one proof, for this request, with a nonce of ours, never seen before.
struct ProofCheck: Sendable {
    let issuer: String
    let nonces: NonceSource
    let replays: ReplayCache
    let time: any TimeSource

    static let header = HTTPField.Name("DPoP")
    static let nonceHeader = HTTPField.Name("DPoP-Nonce")

    /// The thumbprint of the key.
    func thumbprint(_ request: Request, _ endpoint: MobileEndpoint) throws(MobileRefusal) -> String {
        do throws(DPoPRefusal) {
            let given = Self.header.map { request.headers[values: $0] } ?? []
            guard let header = given.first else { throw .missing }
            guard given.count == 1 else { throw .several }
            let proof = try DPoPProof.check(
                header, method: endpoint.method, url: issuer + endpoint.rawValue, now: time.now(), nonces: { nonces.accepts($0) })
            try replays.admit(proof)
            return proof.thumbprint
        } catch {
            throw Self.refusal(error)
        }
    }

    private static func refusal(_ refusal: DPoPRefusal) -> MobileRefusal {
        switch refusal {
        case .nonceMissing, .nonceUnknown: MobileRefusal(.useNonce, refusal.text)
        case .tooMany: MobileRefusal(.temporarilyUnavailable, refusal.text)
        case .missing, .several, .malformed, .wrongType, .wrongAlgorithm, .noKey, .keyRefused, .badSignature, .otherMethod, .otherURL,
            .badIdentifier, .stale, .fromTheFuture, .otherToken, .otherKey, .replayed:
            MobileRefusal(.invalidProof, refusal.text)
        }
    }
}
