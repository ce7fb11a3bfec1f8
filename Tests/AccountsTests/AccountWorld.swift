import Accounts
import Audit
import DegradedMode
import Habilitation
import Identity
import Primitives
import Sessions
import TestSupport
import Tokens

/// A desk of accounts with sessions, a clock and a ledger that tests move. Hashes are as cheap as they can be.
struct AccountWorld {
    static let doctor = "899900063480"
    static let referent = "899700245667"
    static let second = "899700000012"
    static let password = "Xq7#mw2Kp!vT"
    static let better = "Kp!vT-Xq7#mw2-zz"
    /// Each person has a user of the machine, where their session is.
    static let users = [
        doctor: Caller(uid: 1000, gid: 1000, pid: 1), referent: Caller(uid: 2000, gid: 2000, pid: 2),
        second: Caller(uid: 3000, gid: 3000, pid: 3),
    ]
    /// Where nobody has a session.
    static let ward = Caller(uid: 4000, gid: 4000, pid: 4)

    let clock: ManualClock
    let ledger: MemoryLedger
    let reports = Reports()
    let registry: SessionRegistry
    let pepper: Pepper
    let desk: AccountDesk

    init(
        isEnabled: Bool = true, isSolo: Bool = false, after earlier: AccountWorld? = nil, pepper: Pepper? = nil,
        cost: HashCost = HashCost(kibibytes: 8, passes: 1, lanes: 1) ?? .standard, derivation: any KeyDerivation = Argon2id(),
        mostWaiting: Int = 8, dictionary: String? = nil
    ) async throws {
        clock = earlier?.clock ?? ManualClock()
        ledger = earlier?.ledger ?? MemoryLedger()
        self.pepper = pepper ?? earlier?.pepper ?? Pepper(random: SystemRandom())
        let people = "{'\(Self.referent)': [administration]}"
        let matrix = try HabilitationMatrix(bytes: Array("rules: {all: {grant: ['record:read']}}\npeople: \(people)\n".utf8))
        let reports = reports
        registry = SessionRegistry(
            ledger: ledger, hub: EventHub(first: 1000), time: clock, random: CountingRandom(),
            signer: try await TokenSigner(storage: MemoryTokenKeys(), now: clock.now()),
            settings: SessionSettings(
                issuer: TestAgent.issuer, workstation: "ws-042", lifetime: TokenLifetime(), habilitation: HabilitationInForce(matrix),
                inactivity: nil, longest: 43_200),
            report: { reports.add($0) })
        desk = AccountDesk(
            registry: registry, ledger: ledger,
            hasher: PasswordHasher(
                pepper: self.pepper, cost: cost, derivation: derivation, random: SystemRandom(), dictionary: dictionary,
                mostWaiting: mostWaiting),
            time: clock, floored: clock, random: SystemRandom(),
            settings: AccountDesk.Settings(isEnabled: isEnabled, isSolo: isSolo, contact: "Mme Martin, 12 34"),
            report: { reports.add($0) })
    }

    func user(_ person: String) -> Caller { Self.users[person] ?? Self.ward }

    /// A person sits down; gives the id of their session.
    @discardableResult
    func present(_ person: String, mode: Session.Mode = .card) async throws -> String {
        let id = "\(mode.rawValue)-\(person)"
        await registry.insertionBegan("card-of-\(person)")
        let session = try Sample.session(
            id, insertion: "card-of-\(person)", reader: "reader of \(person)", uid: user(person).uid, holder: try Sample.holder(person),
            mode: mode, now: clock.now())
        do throws(OpeningRefusal) {
            _ = try await registry.open(session, traces: [], by: user(person), token: nil)
        } catch { throw error.refusal }
        return id
    }

    func leave(_ person: String) async { await registry.insertionEnded("card-of-\(person)", .cardRemoved) }

    /// The doctor sets a password with the card there; gives the account.
    @discardableResult
    func enrol(_ password: String = password) async throws -> JSON {
        let session = try await present(Self.doctor)
        let entry = try await desk.beginEnrolment(session: session, by: user(Self.doctor))
        let account = try await desk.setPassword(Secret(text: password), of: entry["id"]?.string ?? "", by: user(Self.doctor))
        await leave(Self.doctor)
        return account
    }

    /// A référent makes an account for the doctor; gives the answer.
    func made(for person: String = doctor) async throws -> JSON {
        let session = try await present(Self.referent)
        let new = try NewAccount(
            identifier: person, familyName: "LIBRE", givenName: "MAX", profession: "10", structure: "499900063480001")
        return try await desk.add(new, session: session, by: user(Self.referent))
    }

    func confirm(_ account: JSON, by person: String = second) async throws -> JSON {
        let session = try await present(person)
        return try await desk.confirm(account["id"]?.string ?? "", session: session, by: user(person))
    }

    func verify(_ password: String, _ identifier: String = doctor, by caller: Caller = ward) async throws -> Account {
        try await desk.verify(identifier, Secret(text: password), by: caller)
    }

    /// Changes a password by the one before; gives the last answer.
    func changePassword(_ current: String, to new: String, of identifier: String = doctor, by caller: Caller = ward) async throws -> JSON {
        let id = try await desk.beginChange(identifier, by: caller)["id"]?.string ?? ""
        _ = try await desk.give(Secret(text: current), asCurrent: true, of: id, by: caller)
        return try await desk.give(Secret(text: new), asCurrent: false, of: id, by: caller)
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

    func traces(_ event: TraceEvent) -> [TraceDraft] { ledger.traces(of: event) }
}
