internal import Audit
internal import Primitives
package import Sessions
internal import Tokens

/// Telling servers which sessions ended before their time (RFC 8936, RFC 8417, CAEP 1.0 §3.1).
extension MobileDesk {
    /// Signals of one answer.
    private static let mostSignals = 100
    private static let longestWait = Duration.seconds(30)
    private static let sweepEvery = Duration.seconds(300)
    private static let event = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"

    /// Takes what a server acknowledges, and gives what it has not acknowledged yet; waits for news at most half a minute when there are
    /// none and `waits` says so.
    package func poll(
        acknowledged: [String], errors: [String], most: Int, waits: Bool, by server: Client
    ) async throws(MobileRefusal) -> SignalPage {
        guard budgets.take(server: server.name) else { throw Self.tooMany }
        // Heard from here on, so that nothing falls between looking and waiting.
        let subscription = hub.subscribe(uid: 0, after: nil)
        defer { hub.unsubscribe(subscription.id) }
        do throws(LedgerFailure) {
            try await acknowledge(acknowledged + errors, by: server)
            let page = try await page(of: server, most: most)
            guard waits, page.signals.isEmpty, most > 0 else { return page }
            await Self.sessionEnds(subscription.events, or: settings.pause)
            return try await self.page(of: server, most: most)
        } catch {
            throw MobileRefusal(.temporarilyUnavailable)
        }
    }

    /// Returns when a session has ended, or the longest time has passed.
    private nonisolated static func sessionEnds(
        _ events: AsyncStream<EventHub.Numbered>, or pause: @escaping @Sendable (Duration) async throws -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await next in events where next.event.kind == .session && next.event.data["state"] == "ended" { return }
            }
            group.addTask {
                // Whoever is cancelled has waited enough.
                try? await pause(longestWait)
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func page(of server: Client, most: Int) async throws(LedgerFailure) -> SignalPage {
        let open = try await signals().filter { signal in
            signal.isFor(server) && !signal.acknowledged.contains(server.name) && time.now() < signal.until
        }
        let shown = open.prefix(min(max(0, most), Self.mostSignals))
        var texts: [SignalText] = []
        for signal in shown {
            do throws(SigningFailure) {
                texts.append(SignalText(id: signal.id, token: try signer.signEvent(claims(signal, for: server))))
            } catch {
                throw LedgerFailure(reason: "a signal cannot be signed: \(error)")
            }
        }
        return SignalPage(signals: texts, moreAvailable: open.count > shown.count)
    }

    private func claims(_ signal: Signal, for server: Client) -> JSON {
        [
            "iss": .string(settings.issuer), "jti": .string(signal.id), "iat": .int(time.now().seconds), "aud": .string(server.name),
            "sub_id": ["format": "iss_sub", "iss": .string(settings.issuer), "sub": .string(signal.subject)],
            "sid": .string(signal.session),
            "events": [
                Self.event: [
                    "event_timestamp": .int(signal.at.seconds), "initiating_entity": .string(signal.initiator),
                    "reason_admin": ["en": .string(signal.reason)],
                ]
            ],
        ]
    }

    /// Notes that a server has heard; what all have heard is forgotten. Servers take turns, so that none undoes another's.
    private func acknowledge(_ ids: [String], by server: Client) async throws(LedgerFailure) {
        guard !ids.isEmpty else { return }
        let heard = Set(ids.prefix(Self.mostSignals))
        await turns.take()
        defer { turns.pass() }
        var effects: [Effect] = []
        for var signal in try await signals() where heard.contains(signal.id) && signal.isFor(server) {
            if !signal.acknowledged.contains(server.name) { signal.acknowledged.append(server.name) }
            let isHeardByAll = registry.settings.clients.remote.servers.map(\.client).filter(signal.isFor).allSatisfy {
                signal.acknowledged.contains($0.name)
            }
            effects.append(isHeardByAll ? .forget(.signal, id: signal.id) : .keep(signal.record))
        }
        if !effects.isEmpty { _ = try await ledger.commit([], effects) }
    }

    /// In the order in which they happened.
    private func signals() async throws(LedgerFailure) -> [Signal] {
        try await ledger.openRecords(.signal).compactMap { Signal($0.json) }.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    }

    /// Forgets signals that nobody needs to hear any more, now and then.
    func forgetOldSignals() async {
        let now = time.sinceBoot()
        guard registry.settings.tellsServers, signalsSweptAt.map({ now - $0 >= Self.sweepEvery }) ?? true else { return }
        signalsSweptAt = now
        do throws(LedgerFailure) {
            let old = try await signals().filter { $0.until <= time.now() }
            if !old.isEmpty { _ = try await ledger.commit([], old.map { .forget(.signal, id: $0.id) }) }
        } catch {
            // They are looked for again.
            signalsSweptAt = nil
        }
    }
}

extension Signal {
    /// Whether a server has taken tokens of the session, or may have.
    fileprivate func isFor(_ server: Client) -> Bool {
        guard let audiences else { return true }
        return audiences.contains { server.audiences?.contains($0) ?? false }
    }

    /// Who ended it, in the words of CAEP §2.
    fileprivate var initiator: String {
        switch reason {
        case Session.EndReason.logout.rawValue: "user"
        case Session.EndReason.administrator.rawValue, Session.EndReason.accountDisabled.rawValue: "admin"
        case Session.EndReason.revoked.rawValue, Session.EndReason.inactivity.rawValue: "policy"
        default: "system"
        }
    }
}
