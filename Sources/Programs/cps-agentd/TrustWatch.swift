import Logging
import LoginFlow
import Primitives
import ServiceLifecycle

/// Looks for new revocation lists in their folder now and then.
struct TrustWatch: Service {
    let keeper: TrustKeeper
    let logger: Logger

    private static let period = Duration.seconds(60)

    func run() async throws {
        for await _ in Ticks(every: Self.period).cancelOnGracefulShutdown() { await look() }
    }

    /// Looks now: for the first time before anybody is served, so that a card known to be revoked never gets in.
    func look() async { logger.warn(of: await keeper.look()) }
}

/// Fetches revocation lists when they are due. Apart from ``TrustWatch``, since servers may be slow.
struct FetchWatch: Service {
    let keeper: TrustKeeper
    let logger: Logger

    private static let period = Duration.seconds(60)

    func run() async throws {
        for await _ in Ticks(every: Self.period, startsAtOnce: true).cancelOnGracefulShutdown() {
            logger.warn(of: await keeper.fetchDue())
        }
    }
}

extension Logger {
    /// What went wrong with each list.
    fileprivate func warn(of update: JSON) {
        for list in update["lists"]?.array ?? [] {
            let file = Logger.MetadataValue.string(list["file"]?.string ?? "")
            if list["accepted"]?.bool == false {
                warning("revocation list not taken in", metadata: ["file": file, "reason": "\(list["detail"]?.string ?? "")"])
            } else if let reason = list["not_kept"]?.string {
                warning("no copy of a revocation list could be kept", metadata: ["file": file, "reason": "\(reason)"])
            }
        }
    }
}
