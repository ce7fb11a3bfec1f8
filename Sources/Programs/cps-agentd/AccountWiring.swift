import Accounts
import ConfigurationFile
import DegradedMode
import KeyFiles
import Primitives
import Sessions
import Store

/// Builds the desk of accounts from the configuration.
enum AccountWiring {
    static func desk(
        _ configuration: AgentConfiguration, registry: SessionRegistry, ledger: StoreLedger, files: KeyFiles, time: any TimeSource,
        floored: any TimeSource, random: any RandomSource, report: @escaping @Sendable (String) -> Void
    ) async throws -> AccountDesk {
        let section = configuration.degraded
        let pepper = section.isEnabled ? try await pepper(section.pepper, ledger, files, random, report) : Pepper(random: random)
        return AccountDesk(
            registry: registry, ledger: ledger, hasher: PasswordHasher(pepper: pepper, random: random), time: time, floored: floored,
            random: random,
            settings: AccountDesk.Settings(isEnabled: section.isEnabled, isSolo: section.isSolo, contact: section.contact), report: report)
    }

    private static func pepper(
        _ path: String, _ ledger: StoreLedger, _ files: KeyFiles, _ random: any RandomSource, _ report: @Sendable (String) -> Void
    ) async throws -> Pepper {
        let found: (pepper: Pepper, isNew: Bool)
        do throws(Pepper.Problem) {
            found = try Pepper.open(path, files: files, random: random)
        } catch {
            switch error {
            case .file(let file): throw StartFailure("degraded.pepper: \(file)")
            case .damaged(let path):
                throw StartFailure("degraded.pepper: \(path) is damaged; put it back, or remove it and set all passwords anew")
            }
        }
        do throws(LedgerFailure) {
            if found.isNew, try await !ledger.records(.account, after: nil, limit: 1).isEmpty {
                report("degraded.pepper: \(path) was lost and is made anew: no password fits any more, each has to be set anew")
            }
        } catch {
            throw StartFailure("the accounts cannot be read: \(error.reason)")
        }
        return found.pepper
    }
}
