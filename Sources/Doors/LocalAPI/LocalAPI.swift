internal import APIContract
package import Accounts
package import BreakGlass
package import DegradedLogin
internal import Hummingbird
package import LoginFlow
package import MobileSessions
package import Primitives
package import Sessions
package import Tokens
package import Witness
package import Workstation

/// The local API: which route does what. Each route decodes, asks a room, encodes.
package struct LocalAPI: Sendable {
    let board: CardBoard
    let desk: LoginDesk
    let degraded: DegradedDesk
    let mobile: MobileDesk
    let lostCards: LostCardDesk
    let sinceLastLogin: SinceLastLogin
    let registry: SessionRegistry
    let hub: EventHub
    let ledger: any Ledger
    let audit: any AuditReading
    let witnesses: Witnesses
    let signer: TokenSigner
    let trust: TrustKeeper
    let habilitation: HabilitationKeeper
    let directory: any DirectoryKeeping
    let attention: Attention
    let time: any TimeSource
    let budgets: CallerBudgets
    let accounts: AccountDesk
    let retention: RetentionDesk
    let verifications: VerificationDesk
    let emergencies: EmergencyDesk
    /// Who may use cards; `nil` where anybody on this machine may.
    let seat: SeatGuard?
    /// How far the log was handed on to each target.
    let forwarding: @Sendable () async -> [JSON]
    /// The certificate of the listener for devices; null while there is none.
    let listenerCertificate: @Sendable (Language) -> JSON
    let facts: Facts
    let uploads = UploadGate()

    /// What the configuration and the start have settled.
    package struct Facts: Sendable {
        let version: String
        let workstation: String
        let issuer: String
        let environment: String
        let afterUse: String
        /// The user the agent runs as; it may read what its own files hold anyway.
        let uid: UInt32
        /// Which programs may do what, as a sentence.
        let clients: @Sendable () -> Text
        /// What the programs of the seat follow when the card leaves.
        let pam: JSON
        let warnings: @Sendable () -> [Text]

        package init(
            version: String, workstation: String, issuer: String, environment: String, afterUse: String, uid: UInt32,
            clients: @autoclosure @escaping @Sendable () -> Text, pam: JSON = [:],
            warnings: @autoclosure @escaping @Sendable () -> [Text]
        ) {
            self.version = version
            self.workstation = workstation
            self.issuer = issuer
            self.environment = environment
            self.afterUse = afterUse
            self.uid = uid
            self.clients = clients
            self.pam = pam
            self.warnings = warnings
        }
    }

    package init(
        board: CardBoard, desk: LoginDesk, degraded: DegradedDesk, mobile: MobileDesk, registry: SessionRegistry, hub: EventHub,
        ledger: any Ledger & RecordReading,
        audit: any AuditReading,
        witnesses: Witnesses = Witnesses(), signer: TokenSigner, trust: TrustKeeper, habilitation: HabilitationKeeper,
        directory: any DirectoryKeeping, attention: Attention, time: any TimeSource,
        budgets: CallerBudgets, accounts: AccountDesk, retention: RetentionDesk, verifications: VerificationDesk,
        emergencies: EmergencyDesk, seat: SeatGuard? = nil,
        forwarding: @escaping @Sendable () async -> [JSON] = { [] },
        listenerCertificate: @escaping @Sendable (Language) -> JSON = { _ in .null }, facts: Facts
    ) {
        self.board = board
        self.desk = desk
        self.degraded = degraded
        self.mobile = mobile
        lostCards = LostCardDesk(registry, ledger, time: time)
        sinceLastLogin = SinceLastLogin(registry, ledger)
        self.registry = registry
        self.hub = hub
        self.ledger = ledger
        self.audit = audit
        self.witnesses = witnesses
        self.signer = signer
        self.trust = trust
        self.habilitation = habilitation
        self.directory = directory
        self.attention = attention
        self.time = time
        self.budgets = budgets
        self.accounts = accounts
        self.retention = retention
        self.verifications = verifications
        self.emergencies = emergencies
        self.seat = seat
        self.forwarding = forwarding
        self.listenerCertificate = listenerCertificate
        self.facts = facts
    }

    func router() -> Router<CallContext> {
        let router = Router(context: CallContext.self)
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: BudgetMiddleware(api: self))
        let group = router.group("\(API.prefix)")
        addReaderRoutes(to: group)
        addEventRoute(to: group)
        addLoginRoutes(to: group)
        addPINRoutes(to: group)
        addDegradedRoutes(to: group)
        addVouchingRoutes(to: group)
        addLostCardRoutes(to: group)
        addMobileRoutes(to: group)
        addApprovalRoutes(to: group)
        addDeviceRoutes(to: group)
        addSessionRoutes(to: group)
        addSignatureRoutes(to: group)
        addAccountRoutes(to: group)
        addPasswordRoutes(to: group)
        addTokenRoutes(to: group)
        addAuditRoutes(to: group)
        addAuditRetentionRoutes(to: group)
        addAuditProofRoutes(to: group)
        addBreakGlassRoutes(to: group)
        addReviewRoutes(to: group)
        addTrustRoutes(to: group)
        addHabilitationRoutes(to: group)
        addDirectoryRoutes(to: group)
        return router
    }
}
