internal import Audit
internal import CardDrivers
internal import Identity
internal import PKI
package import Primitives
package import Sessions
package import SmartCard

/// The readers and cards as they are now: takes in what the monitor sees, reads cards that come, ends sessions of cards that go.
package actor CardBoard {
    private let access: any CardAccess
    private let registry: SessionRegistry
    private let hub: EventHub
    private let ledger: any Ledger
    private let time: any TimeSource
    private let report: @Sendable (String) -> Void

    private var snapshot = ReaderSnapshot(monitoring: .starting, readers: [])
    private var readings: [String: ReaderView.Reading] = [:]
    private var known = CardCatalogue()
    private var waiters: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// Time for reading a card that was not met before, and for anything shorter.
    static let readDeadline = Duration.seconds(8)

    package init(
        access: any CardAccess, registry: SessionRegistry, hub: EventHub, ledger: any Ledger, time: any TimeSource,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.access = access
        self.registry = registry
        self.hub = hub
        self.ledger = ledger
        self.time = time
        self.report = report
    }

    /// Follows the monitor until its stream ends.
    package func follow(_ snapshots: AsyncStream<ReaderSnapshot>) async {
        await withDiscardingTaskGroup { group in
            for await next in snapshots {
                for insertion in await take(next) { group.addTask { await self.read(insertion) } }
            }
        }
    }

    package var monitoring: String { snapshot.monitoringText }

    package var views: [ReaderView] {
        snapshot.readers.map { ReaderView(reader: $0, reading: $0.presence.insertion.flatMap { readings[$0.id] }) }
    }

    /// The reader with this id or PC/SC name.
    package func view(of reader: String) throws(Refusal) -> ReaderView {
        guard let view = views.first(where: { $0.id == reader || $0.reader.name == reader }) else { throw Refusal(.readerNotFound) }
        return view
    }

    /// The reader with its card, the tries left read again when an operation since may have changed them.
    package func freshView(of reader: String) async throws(Refusal) -> ReaderView {
        let view = try view(of: reader)
        guard let insertion = view.reader.presence.insertion else { return view }
        if case .failed(let error)? = view.reading, error.passes {
            await settle(insertion)
            return try self.view(of: reader)
        }
        guard case .done(let reading)? = view.reading, reading.pin.triesLeft == nil else { return view }
        do throws(CardError) { _ = try await refreshed(reading, insertion) } catch { throw error.refusal }
        return try self.view(of: reader)
    }

    /// The reader to log in with: the one that is named, else one that holds a usable card, else one that holds anything.
    /// Waits for a reading that is under way.
    package func cardForLogin(reader: String?) async throws(Refusal) -> (view: ReaderView, insertion: Insertion, reading: CardReading) {
        try checkMonitoring()
        if let insertion = try choice(reader).reader.presence.insertion { await settle(insertion) }
        try checkMonitoring()
        let view = try choice(reader)
        switch (view.reader.presence, view.reading) {
        case (.absent, _): throw Refusal(.cardAbsent)
        case (.mute, _): throw Refusal(.cardMute)
        case (.present(let insertion), .done(let reading)): return (view, insertion, reading)
        case (.present, .failed(let error)): throw error.refusal
        case (.present, _): throw Refusal(.cardTimeout)
        }
    }

    /// Waits for a reading that is under way; tries again one that another program was in the way of.
    private func settle(_ insertion: Insertion) async {
        switch readings[insertion.id] {
        case .underway?: await withCheckedContinuation { waiters[insertion.id, default: []].append($0) }
        case .failed(let error)? where error.passes:
            readings[insertion.id] = .underway
            await read(insertion)
        default: return
        }
    }

    /// Reads the tries left again, for a reading that is not fresh.
    package func refreshed(_ reading: CardReading, _ insertion: Insertion) async throws(CardError) -> CardReading {
        let status = try await access.transaction(with: insertion, rereads: true, deadline: Self.readDeadline) {
            channel throws(CardError) in try CPSCard(channel, atr: insertion.atr).pinStatus(reading.content)
        }
        return keep(status, reading, insertion.id)
    }

    /// Takes in what an operation learned of the tries left.
    package func note(triesLeft: Int?, insertion: String) {
        guard case .done(let reading)? = readings[insertion] else { return }
        _ = keep(PINStatus(triesLeft: triesLeft, verified: false), reading, insertion)
        announce(insertion)
    }

    // MARK: What the monitor sees

    /// Takes in a snapshot; gives the stays that began.
    private func take(_ next: ReaderSnapshot) async -> [Insertion] {
        let before = snapshot
        let old = before.readers.compactMap(\.presence.insertion)
        let new = next.readers.compactMap(\.presence.insertion)
        let began = new.filter { !old.contains($0) }
        snapshot = next
        for insertion in began {
            readings[insertion.id] = .underway
            await registry.insertionBegan(insertion.id)
        }
        for insertion in old where !new.contains(insertion) {
            readings[insertion.id] = nil
            release(insertion.id)
            let isListed = next.readers.contains { $0.name == insertion.reader }
            let reason: Session.EndReason = next.monitoring != .running ? .monitoringLost : isListed ? .cardRemoved : .readerLost
            await registry.insertionEnded(insertion.id, reason)
        }
        await tellMonitoring(before, next)
        tellReaders(before, next)
        return began
    }

    private func tellMonitoring(_ before: ReaderSnapshot, _ next: ReaderSnapshot) async {
        guard before.monitoring != next.monitoring else { return }
        hub.publish(Event(.monitoring, ["state": .string(next.monitoringText)]))
        let isLoss = next.monitoring != .running
        var draft = TraceDraft(isLoss ? .monitoringLost : .monitoringRestored, .info, at: time.now())
        draft.detail = ["state": .string(next.monitoringText)]
        do throws(LedgerFailure) { _ = try await ledger.commit([draft], []) } catch {
            report("change of monitoring could not be traced: \(error.reason)")
        }
    }

    private func tellReaders(_ before: ReaderSnapshot, _ next: ReaderSnapshot) {
        for reader in before.readers where !next.readers.contains(where: { $0.name == reader.name }) {
            hub.publish(Event(.reader, ["id": .string(ReaderView.id(reader.name)), "name": .string(reader.name), "state": "gone"]))
        }
        for view in views {
            guard let old = before.readers.first(where: { $0.name == view.reader.name }) else {
                hub.publish(Event(.reader, view.json))
                if view.cardState != .absent { hub.publish(Event(.card, view.cardJSON)) }
                continue
            }
            if old.presence != view.reader.presence { hub.publish(Event(.card, view.cardJSON)) }
        }
    }

    // MARK: Reading cards

    private func read(_ insertion: Insertion) async {
        let catalogue = known
        let result: ReaderView.Reading
        do throws(CardError) {
            let (content, pin) = try await access.transaction(with: insertion, rereads: true, deadline: Self.readDeadline) {
                channel throws(CardError) in
                let card = try CPSCard(channel, atr: insertion.atr)
                let identity = try card.identify()
                if let known = catalogue.content(of: identity) { return (known, try card.pinStatus(known)) }
                let content = try card.readContent(identity)
                return (content, try card.pinStatus(content))
            }
            known.remember(content)
            result = .done(describe(content, pin))
        } catch {
            result = .failed(error)
        }
        // The stay may have ended meanwhile.
        guard readings[insertion.id] != nil else { return }
        readings[insertion.id] = result
        release(insertion.id)
        announce(insertion.id)
    }

    private func describe(_ content: CardContent, _ pin: PINStatus) -> CardReading {
        let fields = try? CertificateFields(der: content.authenticationCertificate)
        return CardReading(
            content: content, pin: pin, readSinceBoot: time.sinceBoot(),
            claimedHolder: try? Holder(unverified: content.authenticationCertificate),
            certificate: fields.map { CardReading.CertificateDates(notBefore: $0.notBefore, notAfter: $0.notAfter) })
    }

    private func keep(_ status: PINStatus, _ reading: CardReading, _ insertion: String) -> CardReading {
        let fresh = CardReading(
            content: reading.content, pin: status, readSinceBoot: time.sinceBoot(), claimedHolder: reading.claimedHolder,
            certificate: reading.certificate)
        if readings[insertion] != nil { readings[insertion] = .done(fresh) }
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
        guard let first = views.first else { throw Refusal(.noReader) }
        let ranked: [(ReaderView) -> Bool] = [
            { $0.cardState == .ready }, { $0.cardState == .reading }, { $0.cardState == .blocked }, { $0.cardState != .absent },
        ]
        for isWanted in ranked { if let view = views.first(where: isWanted) { return view } }
        return first
    }
}
