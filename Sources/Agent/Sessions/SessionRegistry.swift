internal import Audit
internal import Habilitation
internal import Identity
package import Primitives
package import Tokens

/// The live sessions and their tokens: what is true now, beside what the ledger keeps.
///
/// Endings take effect here first and are written at once after; openings are written first and take effect after. So no moment
/// exists in which a session is usable that should not be.
package actor SessionRegistry {
    struct Live {
        var session: Session
        var tokens: [String: LiveToken] = [:]
        let openedSinceBoot: Duration
        /// Seconds from then to its end.
        var life: Int64
        /// What the machine had slept when the session opened.
        let asleepAtOpening: Duration
        var lastActivity: Duration
        /// When a device last showed itself, by the clock that stands while the machine sleeps.
        var lastAwake: Duration
        /// Whether it was told that it ends soon.
        var isWarned = false
        /// Emergencies that go on, by the name of the program that declared each.
        var emergencies: [String: LiveEmergency] = [:]
        /// Name of the program that it was opened with.
        let client: String
        /// Services that its tokens were for; `nil` where an earlier run of the agent gave some.
        var audiences: Set<String>? = []
    }

    struct LiveToken {
        let record: TokenRecord
        /// Since boot: a wall clock that is set back revives no token.
        let deadline: Duration
        /// Name of the program that it was given to.
        let client: String
    }

    let ledger: any Ledger
    let hub: EventHub
    let time: any TimeSource
    let random: any RandomSource
    let signer: TokenSigner
    package nonisolated let settings: SessionSettings
    /// Reports what could not be told to anybody else.
    let report: @Sendable (String) -> Void
    /// Who else is told of emergencies.
    var watch: (any EmergencyWatch)?
    /// Where refusals go, those of other rooms too.
    package nonisolated let refusals: RefusalLog
    /// Cards that are not accepted here.
    package nonisolated let lostCards = LostCards()

    var live: [String: Live] = [:]
    /// Stays of cards that go on; a session opens on no other.
    var insertions: Set<String> = []
    /// The session whose opening is being written.
    var opening: Opening?
    let turns = Turns()
    var isStopping = false
    /// Goes up when what sessions may do could have changed: what was decided before is looked at again.
    var rightsVersion = 0
    /// What has taken effect but could not be written yet.
    var owed: [Owed] = []
    /// Sessions of this run that have ended, for whoever asks why; the newest of them.
    private var ended: [Session] = []

    private static let endedKept = 256
    /// Bytes of an id that is looked up.
    private static let longestID = 128

    package init(
        ledger: any Ledger, hub: EventHub, time: any TimeSource, random: any RandomSource, signer: TokenSigner,
        settings: SessionSettings, report: @escaping @Sendable (String) -> Void
    ) {
        self.ledger = ledger
        self.hub = hub
        self.time = time
        self.random = random
        self.signer = signer
        self.settings = settings
        self.report = report
        refusals = RefusalLog(ledger: ledger, time: time, report: report)
    }

    // MARK: Stays of cards

    /// Stays began, on which sessions may open, and stays ended: every session on those is dead when this returns.
    ///
    /// - Returns: what ``write(_:)`` has yet to put into the log and to tell.
    package func staysChanged(began: [String], ended reasons: [String: Session.EndReason]) -> Endings {
        insertions.formUnion(began)
        insertions.subtract(reasons.keys)
        if let place = opening?.session.presence?.place, let reason = reasons[place.insertion] { opening?.isOver(reason) }
        let now = time.now()
        var endings = Endings()
        for session in live.values.map(\.session) {
            guard let place = session.presence?.place, let reason = reasons[place.insertion] else { continue }
            endings.add(kill(session, reason, at: now, by: nil))
        }
        endings.add(leave(reasons, at: now))
        return endings
    }

    package func isLive(_ insertion: String) -> Bool { insertions.contains(insertion) }

    // MARK: Looking

    package func session(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        guard let found = found(id), isOwner(caller, found) else { throw Refusal(.sessionNotFound) }
        return found
    }

    func found(_ id: String) -> Session? { live[id]?.session ?? ended.last { $0.id == id } }

    /// The session as callers see it, also when an earlier run of the agent had it.
    package func sessionJSON(_ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        do throws(Refusal) { return try visible(id, to: caller).json } catch {
            guard error.code == .sessionNotFound else { throw error }
        }
        guard let stored = await stored(id, for: caller) else { throw Refusal(.sessionNotFound) }
        return stored
    }

    private func stored(_ id: String, for caller: Caller) async -> JSON? {
        guard id.utf8.count <= Self.longestID, let stored = try? await ledger.storedSession(id),
            stored["uid"]?.int == Int64(caller.uid) || caller.uid == 0 || duty(.sessionManage, of: caller) != nil
        else { return nil }
        return stored
    }

    /// The refusal, which tells how a session of an earlier run ended instead of that there is none.
    func explained(_ refusal: Refusal, _ id: String, for caller: Caller) async -> Refusal {
        guard refusal.code == .sessionNotFound, let stored = await stored(id, for: caller),
            let reason = stored["end_reason"]?.string.flatMap(Session.EndReason.init)
        else { return refusal }
        return Self.over(reason)
    }

    package func sessions(for caller: Caller) -> [Session] { allSessions.filter { isOwner(caller, $0) } }

    /// Mode and state of every session that is not over.
    package var liveKinds: [(mode: Session.Mode, state: Session.State)] { live.values.map { ($0.session.mode, $0.session.state) } }

    var allSessions: [Session] { live.values.map(\.session).sorted { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) } }

    /// Somebody worked in the session: with a program that may open one or have its tokens, no other keeps a session from ending.
    package func touch(_ id: String, for caller: Caller) async throws(Refusal) -> Session {
        let session = try usable(id, for: caller)
        if caller.uid != 0, !caller.client.operations.contains(.login) {
            do throws(Refusal) { try caller.client.check(.token) } catch {
                throw try await refused(error, id, at: time.now(), by: caller)
            }
        }
        live[id]?.lastActivity = time.sinceBoot()
        return session
    }

    /// The caller's session, neither locked nor over; it may still wait for a situation.
    package func present(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        try checkUse(id, by: caller)
        return try present(id)
    }

    /// The session, live and ready for use by this caller.
    func usable(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        try checkUse(id, by: caller)
        return try usable(id)
    }

    /// What a device was let in for is for that device: programs of the workstation see it and may end it.
    private func checkUse(_ id: String, by caller: Caller) throws(Refusal) {
        let session = try session(id, for: caller)
        if session.mode == .mobile, caller.remote == nil { throw Refusal(.cardSessionRequired) }
    }

    /// The same, whoever asks.
    func usable(_ id: String) throws(Refusal) -> Session {
        let session = try present(id)
        guard session.state == .active else { throw Refusal(.profileRequired, ["profiles": session.situations.json]) }
        return session
    }

    /// The session, neither locked nor over; it may still wait for a situation.
    func present(_ id: String) throws(Refusal) -> Session {
        guard let session = found(id) else { throw Refusal(.sessionNotFound) }
        switch session.state {
        case .active, .profileRequired:
            // Nobody may have swept yet.
            guard secondsLeft(id) > 0 else { throw Self.over(.expired) }
            guard !hasSlept(id) else { throw Self.over(.suspended) }
            guard !isIdle(id) else { throw session.canBeUnlocked ? Refusal(.sessionLocked) : Self.over(.inactivity) }
            return session
        case .ended: throw Self.over(session.endReason)
        case .locked: throw Refusal(.sessionLocked)
        }
    }

    /// Whole seconds of life that a session still has.
    package func secondsLeft(_ id: String) -> Int64 {
        guard let entry = live[id] else { return 0 }
        return max(0, entry.life - (time.sinceBoot() - entry.openedSinceBoot).components.seconds)
    }

    /// Whether nobody has said for too long that they work in the session.
    func isIdle(_ id: String) -> Bool {
        guard let entry = live[id] else { return false }
        if entry.session.mode == .mobile { return time.awake() - entry.lastAwake >= .seconds(settings.mobile.inactivity) }
        guard let usual = settings.inactivity else { return false }
        let limit = entry.emergencies.isEmpty ? usual : max(usual, settings.emergencies.inactivity)
        return time.sinceBoot() - entry.lastActivity >= .seconds(limit)
    }

    /// Whether the machine slept in the life of a card session, which is over then, though nobody may have ended it yet.
    func hasSlept(_ id: String) -> Bool {
        guard let entry = live[id], entry.session.mode == .card else { return false }
        return time.reading().asleep - entry.asleepAtOpening > ClockWatch.shortestSleep
    }

    static func over(_ reason: Session.EndReason?) -> Refusal { Refusal(.sessionEnded, ["end_reason": JSON(reason?.rawValue)]) }

    func isOwner(_ caller: Caller, _ session: Session) -> Bool {
        if let remote = caller.remote { return remote.device != nil && session.mobile?.device == remote.device }
        return session.uid == caller.uid || caller.uid == 0
    }

    // MARK: Changing

    /// Takes a session out of the live ones, and with it every emergency in it and what follows it.
    func kill(_ session: Session, _ reason: Session.EndReason, at now: Timestamp, by caller: Caller?) -> Ending {
        let over = emergencyEndings(of: session.id, .breakGlassEnded, reason.rawValue, at: now, by: caller)
        let signal = signal(session, live[session.id]?.audiences, reason, at: now)
        let ending = session.ending(reason, at: now, by: caller)
        live[session.id] = nil
        ended.append(ending.session)
        if ended.count > Self.endedKept { ended.removeFirst() }
        return Ending(
            draft: ending.draft, session: ending.session, emergencies: over, signal: signal,
            following: follow(session, reason, at: now))
    }

    /// Writes a decision; it has not happened when this throws.
    func commit(_ drafts: [TraceDraft], _ effects: [Effect], as urgency: Urgency = .ordinary) async throws(Refusal) -> UInt64 {
        do throws(LedgerFailure) {
            return try await ledger.commit(drafts, effects, as: urgency)
        } catch {
            report("decision refused, its trace could not be written: \(error.reason)")
            throw Refusal(.traceUnavailable)
        }
    }
}
