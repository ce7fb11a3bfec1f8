import ConfigurationFile
import Glibc
import HTTPServing
import KeyFiles
import Logging
import LoginFlow
import MobileAPI
import MobileSessions
import Primitives
import Sessions
import Store
import Tokens

/// Builds what serves phones and tablets from the configuration.
enum MobileWiring {
    static func rules(_ configuration: AgentConfiguration) -> MobileRules {
        let section = configuration.mobile
        return MobileRules(
            isEnabled: section.isEnabled, usual: section.session, longest: section.longest, inactivity: section.inactivity,
            removal: removal(section.removal), devices: section.devices)
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
        hub: EventHub, files: KeyFiles, time: any TimeSource, random: any RandomSource, pin: ListenerPin
    ) throws -> MobileDesk {
        MobileDesk(
            registry: registry, logins: logins, ledger: ledger, signer: signer, hub: hub, time: time, random: random,
            key: try key(configuration, files, random),
            settings: MobileDesk.Settings(
                issuer: configuration.tokens.issuer, listenerPin: { pin.value }))
    }

    /// The listener for devices and servers; `nil` where it is off.
    ///
    /// - Parameter pin: is set once it listens, and with each new key.
    static func listener(
        _ configuration: AgentConfiguration, _ service: any MobileService, clients: ClientsInForce, signer: TokenSigner,
        pin: ListenerPin, time: any TimeSource, random: any RandomSource, tally: ConnectionTally, logger: Logger
    ) throws -> MobileListener? {
        guard let identity = try identity(configuration), let address = configuration.mobile.listen else { return nil }
        raiseDescriptorLimit()
        let port: ListeningPort
        do throws(ListeningPort.Failure) {
            port = try ListeningPort.bound(host: address.host, port: address.port)
        } catch {
            throw StartFailure("mobile.listen: \(error)")
        }
        let api = MobileAPI(
            issuer: configuration.tokens.issuer, service: service, clients: { clients.remote }, keys: { signer.jwks() }, time: time,
            random: random)
        return MobileListener(
            api, on: port, identity: identity, time: time, tally: tally, logger: logger,
            shows: { pin.set($0.pin, until: $0.end, problem: $0.problem) })
    }

    /// Certificate and key of the listener, where there is one.
    static func identity(_ configuration: AgentConfiguration) throws -> TLSIdentity? {
        let section = configuration.mobile
        guard section.isEnabled, let certificate = section.certificate, let key = section.key else { return nil }
        do throws(TLSIdentity.Failure) {
            return try TLSIdentity(certificate: certificate, key: key)
        } catch {
            throw StartFailure(configuration: error.text.of("mobile.certificate, mobile.key"))
        }
    }

    /// A thousand connections of devices must not take the descriptors of the rest; the usual limit is 1024.
    private static func raiseDescriptorLimit() {
        let wanted: rlim_t = 4096
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        // Where it cannot be raised the listener serves fewer at once.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func key(_ configuration: AgentConfiguration, _ files: KeyFiles, _ random: any RandomSource) throws -> RefreshKey {
        guard configuration.mobile.isEnabled else { return RefreshKey(random: random) }
        do throws(RefreshKey.Problem) {
            return try RefreshKey(RefreshKeyFile("\(configuration.agent.stateDirectory)/keys/mobile.key", files: files), random: random)
        } catch {
            switch error {
            case .file(let file): throw StartFailure("the key of refresh tokens: \(file)")
            case .damaged(let path):
                throw StartFailure("the key of refresh tokens: \(path) is damaged; remove it, and devices have to be let in again")
            }
        }
    }
}
