import Audit
import BreakGlass
import Habilitation
import Primitives
import Sessions
import TestSupport
import Tokens

/// Two persons at work, each at a user of the machine of their own: a doctor in session `s1`, a reviewer in session `r`.
struct ReviewWorld {
    static let (doctor, reviewer) = ("899900063480", "899700245667")

    let clock = ManualClock()
    let ledger = MemoryLedger()
    let hub = EventHub(first: 1000)
    let reports = Reports()
    let registry: SessionRegistry
    let desk: EmergencyDesk
    let tellers: [EmergencyTeller]
    /// The user of the reviewer.
    let atWork = Caller(uid: 2000, gid: 2000, pid: 2)

    init(doctorReviews: Bool = false, isSolo: Bool = false, channels: [EmergencyChannel] = []) async throws {
        let people = "{'\(Self.reviewer)': [review]\(doctorReviews ? ", '\(Self.doctor)': [review]" : "")}"
        let rules = "rules: {all: {when: {break_glass: true}, grant: ['record:emergency']}}\npeople: \(people)\n"
        let settings = EmergencySettings(isSolo: isSolo)
        let (clock, ledger, reports) = (clock, ledger, reports)
        let registry = SessionRegistry(
            ledger: ledger, hub: hub, time: clock, random: CountingRandom(),
            signer: try await TokenSigner(storage: MemoryTokenKeys(), now: clock.now()),
            settings: SessionSettings(
                issuer: TestAgent.issuer, workstation: "ws-042", lifetime: TokenLifetime(),
                habilitation: HabilitationInForce(try HabilitationMatrix(bytes: Array(rules.utf8))), inactivity: nil, longest: 43_200,
                emergencies: settings),
            report: { reports.add($0) })
        self.registry = registry
        let tellers = channels.map { channel in
            EmergencyTeller(channel, registry: registry, workstation: "ws-042", time: clock) { reports.add($0) }
        }
        self.tellers = tellers
        desk = EmergencyDesk(
            registry: registry, ledger: ledger, records: ledger, time: clock, settings: settings, tellers: tellers
        ) { reports.add($0) }
        try await desk.start()
        await registry.insertionBegan("i1")
        await registry.insertionBegan("i2")
        _ = try await registry.open(try Sample.session("s1"), traces: [], by: .user, token: nil)
        let session = try Sample.session("r", insertion: "i2", reader: "other", uid: 2000, holder: try Sample.holder(Self.reviewer))
        _ = try await registry.open(session, traces: [], by: atWork, token: nil)
    }

    func declared() async throws -> Emergency {
        let request = try EmergencyRequest(reason: "vital_emergency", note: nil, patient: "P-42", minutes: nil)
        return try await registry.declare(request, session: "s1", by: .user).emergency
    }

    func ended() async throws -> Emergency {
        let emergency = try await declared()
        try await registry.close(emergency.id, by: .user)
        return emergency
    }

    /// A session without the card that is over.
    func degraded(_ id: String, makers: [String] = []) async throws {
        let now = clock.now()
        let emergency = Emergency(
            id: id, kind: .degraded, session: id, uid: 1000, client: "records", person: Self.doctor, name: "MAX LIBRE", mode: "degraded",
            reason: "card_lost", note: nil, patient: nil, makers: makers, declaredAt: now, expiresAt: now.advanced(bySeconds: 1800),
            reviewDueAt: now.advanced(bySeconds: 86_400))
        _ = try await ledger.commit([], [.keep(emergency.record)], as: .ordinary)
        await desk.began(emergency)
        await desk.ended(session: id, reason: .logout)
    }

    @discardableResult
    func review(
        _ ids: [String], outcome: Emergency.Review.Outcome = .accepted, session: String = "r", by caller: Caller? = nil
    ) async throws -> [Emergency] {
        try await desk.review(ReviewRequest(ids, outcome: outcome, comment: "vu"), session: session, by: caller ?? atWork)
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
