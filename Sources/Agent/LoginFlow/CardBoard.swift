internal import Audit
internal import CardDrivers
internal import Identity
internal import PKI
package import Primitives
package import Sessions
package import SmartCard

/// The readers and cards as they are now: takes in what the monitor sees, reads cards that come, ends sessions of cards that go.
package actor CardBoard {
    let access: any CardAccess
    private let registry: SessionRegistry
    private let hub: EventHub
    private let ledger: any Ledger
    let trust: any TrustCheck
    let time: any TimeSource
    let random: any RandomSource
    private let policy: ReaderPolicy
    let report: @Sendable (String) -> Void

    private var snapshot = ReaderSnapshot(monitoring: .starting, readers: [])
    private var readings: [String: ReaderView.Reading] = [:]
    private var known = CardCatalogue()
    /// Stays whose card may not be what was read of it.
    private var doubted: Set<String> = []
    private var waiters: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// Time for reading a card that was not met before, and for anything shorter.
    static let readDeadline = Duration.seconds(8)
    /// How many readings a login waits for, should cards come and go meanwhile.
    private static let mostWaits = 4

    package init(
        access: any CardAccess, registry: SessionRegistry, hub: EventHub, ledger: any Ledger, trust: any TrustCheck,
        time: any TimeSource, random: any RandomSource, policy: ReaderPolicy = .all, report: @escaping @Sendable (String) -> Void
    ) {
        self.access = access
        self.registry = registry
        self.hub = hub
        self.ledger = ledger
        self.trust = trust
        self.time = time
        self.random = random
        self.policy = policy
        self.report = report
    }

    /// Follows the monitor until its stream ends.
    package func follow(_ snapshots: AsyncStream<ReaderSnapshot>) async {
        await withDiscardingTaskGroup { group in
            for await next in snapshots {
                let news = await take(next)
                // The next snapshot must not wait for the log: what ended is dead already.
                group.addTask { await self.write(news) }
                for insertion in news.began { group.addTask { await self.read(insertion) } }
            }
        }
    }

    package var monitoring: String { snapshot.monitoringText }

    package var views: [ReaderView] {
        let ids = ReaderView.ids(snapshot.readers.map(\.name))
        return snapshot.readers.map { reader in
            ReaderView(
                id: ids[reader.name] ?? "", reader: reader, isAllowed: policy.allows(reader),
                reading: reader.presence.insertion.flatMap { readings[$0.id] })
        }
    }

    /// The reader with this id or PC/SC name.
    package func view(of reader: String) throws(Refusal) -> ReaderView {
        guard let view = views.first(where: { $0.id == reader || $0.reader.name == reader }) else { throw Refusal(.readerNotFound) }
        return view
    }

    /// Whether a PIN can be entered on a reader, as is known now.
    func hasKeypad(_ reader: String?) -> Bool { snapshot.readers.contains { $0.name == reader && $0.hasKeypad } }

    /// The reader with its card: a reading that failed in passing is tried again, and tries left that an operation since may have
    /// changed are read again.
    package func freshView(of reader: String) async throws(Refusal) -> ReaderView {
        let view = try view(of: reader)
        guard let insertion = view.reader.presence.insertion else { return view }
        switch view.reading {
        case .failed(let error)? where error.isPassing: await readAgain(insertion)
        case .done(let reading)? where reading.pin.triesLeft == nil:
            do throws(CardError) { _ = try await refreshed(reading, insertion) } catch { throw error.refusal }
        default: return view
        }
        return try self.view(of: reader)
    }

    /// The reader to log in with: the one that is named, else one that holds a usable card, else one that holds anything.
    ///
    /// Waits for a reading that is under way, also of a card that takes the place of the one waited for; tries once more what failed
    /// in passing.
    package func cardForLogin(reader: String?) async throws(Refusal) -> (view: ReaderView, insertion: Insertion, reading: CardReading) {
        var isTriedAgain = false
        for _ in 0..<Self.mostWaits {
            try checkMonitoring()
            let view = try choice(reader)
            guard view.isAllowed else { throw Refusal(.readerNotAllowed, ["reader": .string(view.reader.name)]) }
            switch (view.reader.presence, view.reading) {
            case (.absent, _): throw Refusal(.cardAbsent)
            case (.mute, _): throw Refusal(.cardMute)
            case (.present(let insertion), .done(let reading)):
                guard doubted.remove(insertion.id) != nil else { return (view, insertion, reading) }
                await readAgain(insertion)
            case (.present, .contactless(let reading)):
                throw reading.refusal?.code == .cardUnproven ? Refusal(.cardUnproven) : Refusal(.cardContactless)
            case (.present(let insertion), .failed(let error)):
                guard error.isPassing, !isTriedAgain else { throw error.refusal }
                isTriedAgain = true
                await readAgain(insertion)
            case (.present(let insertion), .underway):
                await withCheckedContinuation { waiters[insertion.id, default: []].append($0) }
                // A card that was silent just now is not asked again on behalf of whoever waited for that.
                if case .failed(.deadlineExceeded)? = readings[insertion.id] { isTriedAgain = true }
            case (.present, .none): throw Refusal(.cardTimeout)
            }
        }
        throw Refusal(.cardTimeout)
    }

    /// Reads the tries left again, for a reading that is not fresh.
    package func refreshed(_ reading: CardReading, _ insertion: Insertion) async throws(CardError) -> CardReading {
        let begun = time.sinceBoot()
        let status = try await access.transaction(with: insertion, rereads: true, deadline: Self.readDeadline) {
            channel throws(CardError) in try CPSCard(channel, atr: insertion.atr).pinStatus(reading.content)
        }
        return keep(status, since: begun, reading, insertion.id)
    }

    /// What is left of both codes of a card, read now.
    func counters(_ reading: CardReading, _ insertion: Insertion) async throws(CardError) -> CodeCounters {
        let begun = time.sinceBoot()
        let counters = try await access.transaction(with: insertion, rereads: true, deadline: Self.readDeadline) {
            channel throws(CardError) in try CPSCard(channel, atr: insertion.atr).codeCounters(reading.content)
        }
        // A PIN that is verified by another program hides its tries; what was known of them is then no better.
        _ = keep(PINStatus(triesLeft: counters.pin.triesLeft, verified: false), since: begun, reading, insertion.id)
        return counters
    }

    /// The codes of the card in a reader, as `GET /v1/readers/{reader}/codes` shows them.
    package func codes(in reader: String) async throws(Refusal) -> JSON {
        let found = try await cardForLogin(reader: reader)
        let counters: CodeCounters
        do throws(CardError) { counters = try await self.counters(found.reading, found.insertion) } catch { throw error.refusal }
        return [
            "reader": .string(found.view.reader.name), "insertion": .string(found.insertion.id),
            "pin": found.reading.content.pinJSON(counters.pin), "puk": counters.puk.map(\.json) ?? .null,
        ]
    }

    /// Takes in what an operation learned of the tries left.
    package func note(triesLeft: Int?, insertion: String) {
        guard case .done(let reading)? = readings[insertion] else { return }
        _ = keep(PINStatus(triesLeft: triesLeft, verified: false), since: time.sinceBoot(), reading, insertion)
        announce(insertion)
    }

    /// What was read of a card proved wrong: a byte went astray, or another card is there. Before the next login it is read anew.
    package func doubt(_ reading: CardReading, _ insertion: Insertion) {
        known.forget(reading.content.identity)
        if readings[insertion.id] != nil { doubted.insert(insertion.id) }
    }

    // MARK: What the monitor sees

    /// What a snapshot brought.
    private struct News {
        let began: [Insertion]
        /// Sessions of stays that ended, to be written.
        let endings: Endings
        /// The change of monitoring, to be written.
        let monitoring: TraceDraft?
        /// Cards that do not answer at all, to be written.
        let muted: [TraceDraft]
    }

    /// Takes in a snapshot: what ended is dead when this returns.
    private func take(_ next: ReaderSnapshot) async -> News {
        let before = snapshot
        let old = before.readers.compactMap(\.presence.insertion)
        let new = next.readers.compactMap(\.presence.insertion)
        let began = new.filter { !old.contains($0) }
        var reasons: [String: Session.EndReason] = [:]
        for insertion in old where !new.contains(insertion) {
            let isListed = next.readers.contains { $0.name == insertion.reader }
            reasons[insertion.id] = next.monitoring != .running ? .monitoringLost : isListed ? .cardRemoved : .readerLost
        }
        snapshot = next
        for insertion in began { readings[insertion.id] = .underway }
        for id in reasons.keys {
            readings[id] = nil
            doubted.remove(id)
            release(id)
        }
        let endings = await registry.staysChanged(began: began.map(\.id), ended: reasons)
        let monitoring = tellMonitoring(before, next)
        tellReaders(before, next)
        let muted = next.readers.filter { reader in
            reader.presence == .mute && before.readers.first { $0.name == reader.name }?.presence != .mute
        }
        return News(began: began, endings: endings, monitoring: monitoring, muted: muted.map { muteTrace($0.name, nil) })
    }

    private func write(_ news: News) async {
        await registry.write(news.endings)
        if let draft = news.monitoring { await registry.record([draft], as: .agent) }
        if !news.muted.isEmpty { await registry.record(news.muted) }
    }

    private func tellMonitoring(_ before: ReaderSnapshot, _ next: ReaderSnapshot) -> TraceDraft? {
        guard before.monitoring != next.monitoring else { return nil }
        hub.publish(Event(.monitoring, ["state": .string(next.monitoringText)]))
        let isLoss = next.monitoring != .running
        var draft = TraceDraft(isLoss ? .monitoringLost : .monitoringRestored, isLoss ? .failed : .info, at: time.now())
        draft.detail = ["state": .string(next.monitoringText)]
        return draft
    }

    private func tellReaders(_ before: ReaderSnapshot, _ next: ReaderSnapshot) {
        let ids = ReaderView.ids(before.readers.map(\.name))
        for reader in before.readers where !next.readers.contains(where: { $0.name == reader.name }) {
            hub.publish(Event(.reader, ["id": .string(ids[reader.name] ?? ""), "name": .string(reader.name), "state": "gone"]))
        }
        for view in views {
            guard let old = before.readers.first(where: { $0.name == view.reader.name }) else {
                hub.publish(Event(.reader, view.json))
                if view.cardState != .absent { hub.publish(Event(.card, view.cardJSON)) }
                continue
            }
            if old.kind != view.reader.kind || old.hasKeypad != view.reader.hasKeypad { hub.publish(Event(.reader, view.json)) }
            if old.presence != view.reader.presence { hub.publish(Event(.card, view.cardJSON)) }
        }
    }

    // MARK: Reading cards

    private func readAgain(_ insertion: Insertion) async {
        readings[insertion.id] = .underway
        await read(insertion)
    }

    private func read(_ insertion: Insertion) async {
        let catalogue = known
        let begun = time.sinceBoot()
        let result: ReaderView.Reading
        do throws(CardError) {
            if CardGeneration(atr: insertion.atr) == .cps3Contactless {
                result = .contactless(try await readContactless(insertion))
            } else {
                let (content, pin) = try await access.transaction(with: insertion, rereads: true, deadline: Self.readDeadline) {
                    channel throws(CardError) in
                    let card = try CPSCard(channel, atr: insertion.atr)
                    let identity = try card.identify()
                    if let known = catalogue.content(of: identity) { return (known, try card.pinStatus(known)) }
                    let content = try card.readContent(identity)
                    return (content, try card.pinStatusAfterReading(content))
                }
                known.remember(content)
                result = .done(describe(content, pin, since: begun))
            }
        } catch {
            result = .failed(error)
        }
        // The stay may have ended meanwhile.
        guard readings[insertion.id] != nil else { return }
        if let draft = trace(result, insertion) {
            await registry.record([draft])
            guard readings[insertion.id] != nil else { return }
        }
        readings[insertion.id] = result
        release(insertion.id)
        announce(insertion.id)
    }

    private func describe(_ content: CardContent, _ pin: PINStatus, since begun: Duration) -> CardReading {
        CardReading(
            content: content, pin: pin, readSinceBoot: begun,
            claimedHolder: try? Holder(unverified: content.authenticationCertificate),
            certificate: CardReading.CertificateDates(der: content.authenticationCertificate))
    }

    /// Keeps tries left that were read from `begun` on, unless something newer is known.
    private func keep(_ status: PINStatus, since begun: Duration, _ reading: CardReading, _ insertion: String) -> CardReading {
        let fresh = CardReading(
            content: reading.content, pin: status, readSinceBoot: begun, claimedHolder: reading.claimedHolder,
            certificate: reading.certificate)
        guard case .done(let current)? = readings[insertion] else { return fresh }
        guard current.readSinceBoot <= begun else { return current }
        readings[insertion] = .done(fresh)
        return fresh
    }

    private func release(_ insertion: String) {
        for waiter in waiters.removeValue(forKey: insertion) ?? [] { waiter.resume() }
    }

    private func announce(_ insertion: String) {
        guard let view = views.first(where: { $0.reader.presence.insertion?.id == insertion }) else { return }
        hub.publish(Event(.card, view.cardJSON))
    }

    // MARK: Choosing

    private func checkMonitoring() throws(Refusal) {
        switch snapshot.monitoring {
        case .running: return
        case .starting, .serviceDown: throw Refusal(.pcscUnavailable)
        case .notAuthorised: throw Refusal(.pcscNotAuthorised)
        }
    }

    private func choice(_ reader: String?) throws(Refusal) -> ReaderView {
        if let reader { return try view(of: reader) }
        let views = self.views
        guard let first = views.first(where: \.isAllowed) ?? views.first else { throw Refusal(.noReader) }
        let ranked: [(ReaderView) -> Bool] = [
            { $0.cardState == .ready }, { $0.cardState == .reading }, { $0.cardState == .blocked }, { $0.cardState != .absent },
        ]
        for isWanted in ranked { if let view = views.first(where: { $0.isAllowed && isWanted($0) }) { return view } }
        return first
    }
}
