import Logging
import LoginFlow
import Primitives
import ServiceLifecycle

/// Looks for new revocation lists now and then, at the start first.
struct TrustWatch: Service {
    let keeper: TrustKeeper
    let logger: Logger

    private static let period = Duration.seconds(60)

    func run() async throws {
        for await _ in Ticks(every: Self.period, startsAtOnce: true).cancelOnGracefulShutdown() {
            guard let lists = await keeper.update()["lists"]?.array else { continue }
            for list in lists where list["accepted"]?.bool == false {
                logger.warning(
                    "revocation list not taken in",
                    metadata: ["file": "\(list["file"]?.string ?? "")", "reason": "\(list["detail"]?.string ?? "")"])
            }
            for list in lists {
                guard let reason = list["not_kept"]?.string else { continue }
                logger.warning(
                    "no copy of a revocation list could be kept",
                    metadata: ["file": "\(list["file"]?.string ?? "")", "reason": "\(reason)"])
            }
        }
    }
}
