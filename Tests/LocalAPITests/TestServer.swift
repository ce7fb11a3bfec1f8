import Accounts
import Audit
import BreakGlass
import DegradedLogin
import DegradedMode
import Foundation
import HTTPServing
import Habilitation
import LocalAPI
import Logging
import LoginFlow
import MobileSessions
import Primitives
import Revocation
import Sessions
import TestSupport

/// The socket server on a socket of its own, with everything behind it in memory.
final class TestServer: Sendable {
    let agent: TestAgent
    let path: String
    private let folder: URL
    private let serving: Task<Void, any Error>

    init(limits: SocketLimits = SocketLimits(), clients: ClientsInForce = ClientsInForce()) async throws {
        let agent = try await TestAgent()
        self.agent = agent
        folder = FileManager.default.temporaryDirectory.appending(path: "door-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "s").path()
        let lists = RevocationLists(try Personas.shared().trust)
        let keeper = TrustKeeper(
            store: try Personas.shared().trust, lists: lists,
            folder: RevocationFolder(lists, folder: nil, kept: folder.appending(path: "crls").path()), desk: agent.desk,
            registry: agent.registry, time: agent.clock,
            floor: ClockFloor(time: agent.clock), maxAge: 86_400)
        let api = LocalAPI(
            board: agent.board, desk: agent.desk,
            degraded: DegradedDesk(
                registry: agent.registry, passwords: nil, directory: MemoryDirectory([:]), time: agent.clock, random: SystemRandom()),
            mobile: MobileDesk(
                registry: agent.registry, logins: agent.desk, ledger: agent.ledger, signer: agent.signer, hub: agent.hub, time: agent.clock,
                random: SystemRandom(), key: RefreshKey(random: SystemRandom()),
                settings: MobileDesk.Settings(issuer: TestAgent.issuer, listenerPin: { nil })),
            registry: agent.registry, hub: agent.hub, ledger: agent.ledger, audit: NoAudit(),
            signer: agent.signer, trust: keeper,
            habilitation: HabilitationKeeper(
                .builtIn, file: nil, version: nil, registry: agent.registry, time: agent.clock, report: { _ in }),
            directory: MemoryDirectory([:]), attention: Attention(agent.clock), time: agent.clock,
            budgets: CallerBudgets(CallerBudgets.Limits(requests: 10_000, logins: 1000, pins: 1000), time: agent.clock),
            accounts: AccountDesk(
                registry: agent.registry, ledger: agent.ledger,
                hasher: PasswordHasher(pepper: Pepper(random: SystemRandom()), random: SystemRandom()), time: agent.clock,
                floored: agent.clock, random: SystemRandom(), settings: AccountDesk.Settings(isEnabled: false), report: { _ in }),
            retention: RetentionDesk(
                registry: agent.registry, keeping: NoRetention(), time: agent.clock, random: SystemRandom(), leastAge: nil),
            verifications: VerificationDesk(audit: NoAudit(), ledger: agent.ledger, time: agent.clock, random: SystemRandom()),
            emergencies: EmergencyDesk(
                registry: agent.registry, ledger: agent.ledger, records: agent.ledger, time: agent.clock, settings: EmergencySettings(),
                tellers: [], alert: { _ in }),
            facts: LocalAPI.Facts(
                version: "0", workstation: "ws-042", issuer: TestAgent.issuer, environment: "test", afterUse: "reset", uid: 0,
                clients: Text("", ""),
                warnings: []))
        let server = SocketServer(
            socket: try ListeningSocket.bound(path: path, mode: 0o600), api: api, clients: clients,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            limits: limits)
        serving = Task { try await server.run() }
    }

    func connect() throws -> RawConnection { try RawConnection(path) }

    /// Ends the server; what is still open is cut.
    func stop() async {
        serving.cancel()
        _ = await serving.result
        try? FileManager.default.removeItem(at: folder)
    }
}

/// No log: the routes that read it refuse.
private struct NoAudit: AuditReading {
    private static let none = LedgerFailure(reason: "no log")
    let verificationKey = ""
    let reserve: ReserveStatus? = nil

    func traces(from: UInt64, limit: Int) async throws(LedgerFailure) -> [(seq: UInt64, leaf: [UInt8])] { throw Self.none }
    func search(_ query: TraceQuery) async throws(LedgerFailure) -> TracePage { throw Self.none }
    func checkpoint() async throws(LedgerFailure) -> String { throw Self.none }
    func manifest(_ range: ClosedRange<UInt64>?) async throws(LedgerFailure) -> (manifest: BundleManifest, note: String)? {
        throw Self.none
    }
    func inclusion(of seq: UInt64, size: UInt64?) async throws(LedgerFailure) -> InclusionProof? { throw Self.none }
    func consistency(from: UInt64, size: UInt64?) async throws(LedgerFailure) -> ConsistencyProof? { throw Self.none }
    func stamps(upTo size: UInt64) async throws(LedgerFailure) -> [BundleStamp] { throw Self.none }
    func keys() async throws(LedgerFailure) -> [JSON] { throw Self.none }
    func rotateKey(_ trace: TraceDraft) async throws(LedgerFailure) -> String { throw Self.none }
    func rollback() async throws(LedgerFailure) -> JSON? { throw Self.none }
    func check(progress: @escaping @Sendable (UInt64, UInt64) -> Void) async throws(LedgerFailure) -> AuditCheck { throw Self.none }
}

private struct NoRetention: RetentionKeeping {
    func drop(before: Timestamp, _ draft: TraceDraft) async throws(LedgerFailure) -> RetentionReport {
        throw LedgerFailure(reason: "no log")
    }
}
