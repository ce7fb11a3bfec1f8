import Habilitation
import LoginFlow
import MobileSessions
import Primitives
import Sessions
import SmartCard
import TestSupport
import Tokens

/// A workstation with a doctor's card session, and devices that want to be let in.
final class MobileWorld: Sendable {
    static let rules = MobileRules(isEnabled: true)
    static let pin = "LISTENER-PIN"

    let agent: TestAgent
    let desk: MobileDesk
    let insertion: Insertion
    let session: Session
    let key: RefreshKey

    var ledger: MemoryLedger { agent.ledger }
    var clock: ManualClock { agent.clock }
    var registry: SessionRegistry { agent.registry }

    init(
        rules: MobileRules = rules, trust: (any TrustCheck)? = nil, persona: Persona? = nil, pin: String? = pin,
        limits: RemoteLimits = RemoteLimits(), clients: RemoteClients = RemoteClients(),
        pause: @escaping @Sendable (Duration) async throws -> Void = { _ in }
    ) async throws {
        agent = try await TestAgent(trust: trust, mobile: rules, clients: ClientsInForce(remote: clients))
        key = RefreshKey(random: SystemRandom())
        desk = MobileDesk(
            registry: agent.registry, logins: agent.desk, ledger: agent.ledger, signer: agent.signer, hub: agent.hub, time: agent.clock,
            random: CountingRandom(seed: 1 << 32), key: key,
            settings: MobileDesk.Settings(issuer: TestAgent.issuer, listenerPin: { pin }, limits: limits, pause: pause))
        insertion = await agent.insert(try (persona ?? Personas.shared().doctor).card())
        session = try await agent.logIn().session
    }

    /// A pairing that is shown, and its code.
    func pair(
        scopes: [Scope] = [], resource: String? = nil, life: Int64? = nil, by caller: Caller = .user
    ) async throws -> (id: String, code: String) {
        let json = try await desk.pair(session: session.id, scopes: scopes, resource: resource, life: life, by: caller)
        let link = json["code_uri"]?.string ?? ""
        let code = link.split(separator: "code=").last?.split(separator: "&").first.map(String.init) ?? ""
        return (json["id"]?.string ?? "", code)
    }

    /// What a device hears that redeems a code.
    func redeem(_ code: String, _ device: MobileRequest = .phone, digits: String = "42") async -> Result<MobileTokens, MobileRefusal> {
        await tokens(.preAuthorized(code: code, digits: digits), device)
    }

    func refresh(_ token: String, _ device: MobileRequest = .phone) async -> Result<MobileTokens, MobileRefusal> {
        await tokens(.refresh(token: token), device)
    }

    func tokens(_ grant: MobileGrant, _ device: MobileRequest) async -> Result<MobileTokens, MobileRefusal> {
        do throws(MobileRefusal) { return .success(try await desk.tokens(for: grant, device)) } catch { return .failure(error) }
    }

    /// Lets a device in by a code, from the code to the tokens.
    @discardableResult
    func letIn(
        _ device: MobileRequest = .phone, scopes: [Scope] = [], resource: String? = nil, life: Int64? = nil
    ) async throws -> MobileTokens {
        let (id, code) = try await pair(scopes: scopes, resource: resource, life: life)
        _ = await redeem(code, device)
        _ = try await desk.confirm("42", pairing: id, by: .user)
        return try await redeem(code, device).get()
    }

    func state(_ pairing: String) async throws -> String? { try await desk.pairing(pairing, for: .user)["state"]?.string }

    func mobile(_ id: String) async -> Session? { await registry.mobileSessions.first { $0.id == id } }

    /// What was refused; `nil` when it was not.
    func refusal<Value>(_ action: () async throws -> Value) async throws -> Refusal? { try await agent.refusal(action) }
}

extension MobileRequest {
    static let phone = MobileRequest.device("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    static let thief = MobileRequest.device("BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA", name: "Autre", address: "192.0.2.66")

    static func device(
        _ thumbprint: String, name: String? = "Tablette de MAX", address: String = "192.0.2.9", scopes: [Scope] = [],
        resource: String? = TestAgent.audience, client: Client = Client(name: "cps-mobile", operations: [.token])
    ) -> MobileRequest {
        MobileRequest(
            client: client, address: address, network: address, thumbprint: thumbprint, deviceName: name, scopes: scopes, resource: resource
        )
    }

    func asking(_ scopes: [Scope] = [], resource: String? = TestAgent.audience) -> MobileRequest {
        MobileRequest(
            client: client, address: address, network: address, thumbprint: thumbprint, deviceName: deviceName, scopes: scopes,
            resource: resource)
    }
}

extension Result where Failure == MobileRefusal {
    var code: MobileRefusal.Code? { if case .failure(let refusal) = self { refusal.code } else { nil } }
}
