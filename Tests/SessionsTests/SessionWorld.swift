import Audit
import Habilitation
import Identity
import Primitives
import Sessions
import TestSupport
import Tokens

/// A registry of sessions with a clock and a ledger that tests move.
struct SessionWorld {
    let clock = ManualClock()
    let ledger = MemoryLedger()
    let hub = EventHub(first: 1000)
    let reports = Reports()
    let signer: TokenSigner
    let rights: HabilitationInForce
    let registry: SessionRegistry

    init(
        inactivity: Int64? = nil, longest: Int64 = 43_200, rights: HabilitationMatrix = .builtIn, degraded: DegradedRules = .off,
        mobile: MobileRules = .off, clients: ClientsInForce = ClientsInForce()
    ) async throws {
        self.rights = HabilitationInForce(rights)
        signer = try await TokenSigner(storage: MemoryTokenKeys(), now: clock.now())
        let reports = reports
        registry = SessionRegistry(
            ledger: ledger, hub: hub, time: clock, random: CountingRandom(), signer: signer,
            settings: SessionSettings(
                issuer: TestAgent.issuer, workstation: "ws-042", lifetime: TokenLifetime(), habilitation: self.rights,
                clients: clients, inactivity: inactivity, longest: longest, degraded: degraded, mobile: mobile),
            report: { reports.add($0) })
        await registry.insertionBegan("i1")
    }

    /// The next run of the agent of another world, with its keys.
    init(like before: SessionWorld) {
        rights = before.rights
        signer = before.signer
        let reports = reports
        registry = SessionRegistry(
            ledger: ledger, hub: hub, time: clock, random: CountingRandom(), signer: signer, settings: before.registry.settings,
            report: { reports.add($0) })
    }

    @discardableResult
    func open(_ session: Session, token: TokenRequest? = nil) async throws -> (session: Session, token: IssuedToken?) {
        do throws(OpeningRefusal) {
            return try await registry.open(session, traces: [], by: .user, token: token)
        } catch {
            throw error.refusal
        }
    }

    func token(
        of session: String = "s1", scopes: [Scope] = [], ttl: Int64? = nil, key: String? = nil, by caller: Caller = .user
    ) async throws -> IssuedToken {
        try await registry.issueToken(request(scopes: scopes, ttl: ttl, key: key), session: session, by: caller)
    }

    func request(scopes: [Scope] = [], ttl: Int64? = nil, key: String? = nil, audience: String = TestAgent.audience) -> TokenRequest {
        TokenRequest(audience: audience, scopes: scopes, ttl: ttl, keyThumbprint: key)
    }

    func claims(_ token: IssuedToken) throws -> AccessTokenClaims { try signer.verify(token.accessToken, now: clock.now()) }

    func isActive(_ token: IssuedToken, for caller: Caller = .user) async -> Bool {
        await registry.introspect(token.accessToken, by: caller) != nil
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
