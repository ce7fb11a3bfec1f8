internal import Audit
internal import Habilitation
internal import Identity
package import Primitives

/// Where cards are reported lost or stolen: by their holder, who came in without it, or by a référent.
package struct LostCardDesk: Sendable {
    private let registry: SessionRegistry
    private let ledger: any Ledger & RecordReading
    private let time: any TimeSource

    /// In bytes.
    private static let longestSerial = 32

    package init(_ registry: SessionRegistry, _ ledger: any Ledger & RecordReading, time: any TimeSource) {
        self.registry = registry
        self.ledger = ledger
        self.time = time
    }

    /// The cards that are refused here, for a référent or root. Reading the list is no decision; a refusal of it is traced.
    package func list(for caller: Caller) async throws(Refusal) -> [LostCard] {
        let duty = await registry.duty(.accountManage, of: caller)
        guard caller.uid == 0 || duty != nil else { throw await refused(Refusal(.forbidden), nil, caller) }
        return registry.lostCards.all
    }

    /// Has a card refused here. A holder reports the card that their account was made with, in a session without it; a référent whichever.
    /// Every refusal is traced. A card that was reported already stays so.
    package func report(
        _ cause: LostCard.Cause, serial: String?, session id: String, by caller: Caller
    ) async throws(Refusal) -> LostCard {
        let session: Session
        let card: LostCard
        do throws(Refusal) {
            try caller.client.check(.login)
            session = try await registry.present(id, for: caller)
            let isReferent = await registry.duty(.accountManage, of: caller)?.session.id == session.id
            card = isReferent ? try reported(serial, cause, by: session) : try await own(serial, cause, session)
        } catch {
            throw await refused(error, id, caller)
        }
        if let known = registry.lostCards.card(card.serial) { return known }
        try await registry.reportLost(card, in: session, by: caller)
        return card
    }

    private func reported(_ serial: String?, _ cause: LostCard.Cause, by session: Session) throws(Refusal) -> LostCard {
        guard let serial, (1...Self.longestSerial).contains(serial.utf8.count), serial.isVisible else {
            throw Refusal(.invalidRequest, ["detail": "serial is no number of a card"])
        }
        return LostCard(serial: serial, person: nil, name: nil, cause: cause, by: session.holder.nationalID.text, at: time.now())
    }

    private func own(_ serial: String?, _ cause: LostCard.Cause, _ session: Session) async throws(Refusal) -> LostCard {
        guard let account = session.degraded?.account else { throw Refusal(.forbidden) }
        let record: KeptRecord?
        do throws(LedgerFailure) { record = try await ledger.record(.account, account) } catch { throw Refusal(.traceUnavailable) }
        guard let known = record?.json["way_in"]?["card_serial"]?.string else {
            throw Refusal(.invalidRequest, ["detail": "this account was made without a card: a référent reports the card by its number"])
        }
        guard serial == nil || serial == known else { throw Refusal(.forbidden) }
        let (person, name) = (session.holder.nationalID.text, session.holder.displayName)
        return LostCard(serial: known, person: person, name: name, cause: cause, by: person, at: time.now())
    }

    private func refused(_ refusal: Refusal, _ session: String?, _ caller: Caller) async -> Refusal {
        var draft = TraceDraft(.degradedRefused, .refused, at: time.now())
        draft.client = caller.json
        draft.code = refusal.code.rawValue
        draft.session = session?.cut(toBytes: 64)
        if !refusal.members.isEmpty { draft.detail = .object(refusal.members) }
        do throws(Refusal) { try await registry.refusals.write(draft) } catch { return error }
        return refusal
    }
}
