import ConfigurationFile
import DegradedLogin
import Habilitation
import Identity
import Primitives
import Sessions
import Synchronization
import TestSupport
import Tokens
import Workstation

/// The desk with passwords, people and a ledger that tests move.
final class DegradedWorld: Sendable {
    static let password = "quatre mots pour une nuit"
    static let rules = DegradedRules(
        isEnabled: true,
        homologation: .init(authority: "CH Exemple", reference: "H-12", validUntil: ManualClock.noon.advanced(bySeconds: 86_400)),
        reasons: ["card_forgotten", "card_lost", "card_stolen"], contact: "poste 4242")

    let clock = ManualClock()
    let ledger = MemoryLedger()
    let hub = EventHub(first: 1000)
    let registry: SessionRegistry
    let passwords: Passwords
    let watch = Watch()
    let desk: DegradedDesk

    init(rules: DegradedRules = rules, situations: [String: [Situation]] = [:], localAccounts: LocalAccounts = .none) async throws {
        let signer = try await TokenSigner(storage: MemoryTokenKeys(), now: clock.now())
        registry = SessionRegistry(
            ledger: ledger, hub: hub, time: clock, random: CountingRandom(), signer: signer,
            settings: SessionSettings(
                issuer: TestAgent.issuer, workstation: "ws-042", lifetime: TokenLifetime(), habilitation: .builtIn, inactivity: nil,
                longest: 43_200, degraded: rules),
            report: { _ in })
        passwords = Passwords(try Sample.holder())
        desk = DegradedDesk(
            registry: registry, passwords: passwords, directory: MemoryDirectory(situations), watch: watch,
            localAccounts: localAccounts, time: clock, random: CountingRandom())
        await registry.insertionBegan("i1")
    }

    func request(
        _ identifier: String = "99900063480", reason: String = "card_forgotten", note: String? = nil, token: TokenRequest? = nil,
        forUID: UInt32? = nil, account: AccountWish? = nil, resumes: String? = nil, profile: String? = nil,
        emergency: EmergencyRequest? = nil
    ) -> DegradedRequest {
        DegradedRequest(
            identifier: identifier, reason: reason, note: note, token: token, forUID: forUID, account: account, resumes: resumes,
            profile: profile,
            emergency: emergency)
    }

    func begin(_ request: DegradedRequest? = nil, by caller: Caller = .user) async throws -> String {
        try await desk.begin(request ?? self.request(), by: caller)["id"]?.string ?? ""
    }

    @discardableResult
    func enter(
        _ password: String = password, login: String, by caller: Caller = .user
    ) async throws -> (session: Session, token: IssuedToken?, isPasswordOld: Bool, account: LocalAccount?) {
        try await desk.enter(Secret(text: password), login: login, by: caller)
    }

    @discardableResult
    func logIn(
        _ request: DegradedRequest? = nil, by caller: Caller = .user
    ) async throws -> (session: Session, token: IssuedToken?, isPasswordOld: Bool, account: LocalAccount?) {
        try await enter(login: try await begin(request, by: caller), by: caller)
    }

    /// What was refused; `nil` when it was not.
    func refusal<Result>(_ action: () async throws -> Result) async throws -> Refusal? {
        do {
            _ = try await action()
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }
}

/// One account and its password.
final class Passwords: PasswordCheck {
    private struct State {
        var isOpen = true
        var tried: [String] = []
        var gate: Gate?
    }

    private let state = Mutex(State())
    private let holder: Holder

    init(_ holder: Holder) { self.holder = holder }

    /// Identifiers that a password was given for.
    var tried: [String] { state.withLock { $0.tried } }

    func close() { state.withLock { $0.isOpen = false } }

    /// The next password waits at the gate before it is looked at.
    func hold() -> Gate {
        let gate = Gate()
        state.withLock { $0.gate = gate }
        return gate
    }

    func person(_ identifier: String, _ password: consuming Secret, by caller: Caller) async throws(Refusal) -> KnownPerson {
        let isRight = password.withBytes { Array($0) == Array(DegradedWorld.password.utf8) }
        let gate = state.withLock { state in
            state.tried.append(identifier)
            defer { state.gate = nil }
            return state.gate
        }
        await gate?.pass()
        guard isRight else { throw Refusal(.forbidden) }
        return KnownPerson(
            account: "a1", holder: holder, origin: .referent, madeBy: "899900000001", confirmedBy: "899900000002", cardSerial: "00000001",
            passwordSetAt: ManualClock.noon)
    }

    func isOpen(_ account: String) async -> Bool { state.withLock { $0.isOpen } }
}

final class Watch: EmergencyWatch {
    private let state = Mutex<[Emergency]>([])

    var begun: [Emergency] { state.withLock { $0 } }

    func began(_ emergency: Emergency) async { state.withLock { $0.append(emergency) } }
    func ended(session: String, reason: Session.EndReason) async {}
}
