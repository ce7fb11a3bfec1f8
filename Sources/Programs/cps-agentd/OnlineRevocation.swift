import Audit
import ConfigurationFile
import Fetching
import LoginFlow
import PKI
import Primitives
import Revocation
import Sessions

/// What of revocation goes over the network, by the configuration: lists that are fetched, responders that are asked. Both off by default.
struct OnlineRevocation {
    let addresses: ListAddresses?
    let responder: StatusService?
    private let period: Duration
    private let time: SystemTime
    /// What others have signed is judged by it.
    private let floored: FlooredTime
    private let random: SystemRandom

    init(_ section: TrustSection, _ trust: TrustStore, _ time: SystemTime, _ floored: FlooredTime, _ random: SystemRandom) {
        self.time = time
        self.floored = floored
        self.random = random
        period = .seconds(section.revocation.fetchEvery)
        addresses =
            switch section.revocation.fetch {
            case .off: nil
            case .named: ListAddresses(namedBy: trust)
            case .addresses(let addresses): ListAddresses(addresses)
            }
        responder = section.ocsp.map { ocsp in
            StatusService(
                trust, transport: HTTPFetcher(),
                settings: StatusService.Settings(
                    responder: ocsp.responder, sendsNonce: ocsp.nonce, maxAge: section.revocation.maxAge),
                time: floored, random: random)
        }
    }

    func fetch(_ lists: RevocationLists, _ folder: RevocationFolder) -> ListFetch? {
        addresses.map { addresses in
            ListFetch(lists, folder: folder, fetcher: HTTPFetcher(), addresses: addresses, period: period, time: floored, random: random)
        }
    }

    /// Traces why a responder told nothing; while it rests that is known already.
    func report(to registry: SessionRegistry) -> @Sendable (StatusFailure) async -> Void {
        let time = time
        return { failure in
            guard failure != .resting else { return }
            var draft = TraceDraft(.trustOCSPFailed, .failed, at: time.now())
            draft.detail = ["detail": .string(failure.reason)]
            await registry.record([draft])
        }
    }
}
