import ConfigurationFile
import LoginFlow
import MobileSessions
import Primitives
import Sessions
import Store
import Tokens

/// Builds what serves phones and tablets from the configuration.
enum MobileWiring {
    /// Servers are told of ends of sessions where there are any.
    static func rules(_ configuration: AgentConfiguration) -> MobileRules {
        let section = configuration.mobile
        return MobileRules(
            isEnabled: section.isEnabled, usual: section.session, longest: section.longest, inactivity: section.inactivity,
            removal: removal(section.removal), devices: section.devices,
            tellsServers: section.isEnabled && configuration.clients?.contains(where: \.isServer) ?? false)
    }

    private static func removal(_ removal: MobileSection.Removal) -> MobileRules.Removal {
        switch removal {
        case .survives: .survives
        case .ends: .ends
        case .limits(let seconds): .limits(seconds)
        }
    }

    /// - Parameter pin: of the listener, while there is one.
    static func desk(
        _ configuration: AgentConfiguration, registry: SessionRegistry, logins: LoginDesk, ledger: StoreLedger, signer: TokenSigner,
        hub: EventHub, time: any TimeSource, random: any RandomSource, pin: ListenerPin
    ) throws -> MobileDesk {
        MobileDesk(
            registry: registry, logins: logins, ledger: ledger, signer: signer, hub: hub, time: time, random: random,
            key: try key(configuration, random),
            settings: MobileDesk.Settings(
                issuer: configuration.tokens.issuer, listenerPin: { pin.value },
                clients: try RemoteClients(entries: configuration.clients ?? [])))
    }

    private static func key(_ configuration: AgentConfiguration, _ random: any RandomSource) throws -> RefreshKey {
        guard configuration.mobile.isEnabled else { return RefreshKey(random: random) }
        do throws(RefreshKey.Problem) {
            return try RefreshKey(RefreshKeyFile("\(configuration.agent.stateDirectory)/keys/mobile.key"), random: random)
        } catch {
            switch error {
            case .storage(let file): throw StartFailure("the key of refresh tokens: \(file.path): \(file.reason)")
            case .exposed(let path): throw StartFailure("the key of refresh tokens: others than the agent's user may read \(path)")
            case .damaged(let path):
                throw StartFailure("the key of refresh tokens: \(path) is damaged; remove it, and devices have to be let in again")
            }
        }
    }
}
