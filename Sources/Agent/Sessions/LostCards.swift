package import Primitives
internal import Synchronization

/// A card that is not accepted here, because its holder has lost it.
package struct LostCard: Hashable, Sendable {
    package enum Cause: String, Hashable, Sendable, CaseIterable {
        case lost, stolen
    }

    package let serial: String
    /// National identifier and name of its holder; `nil` where only the card is known.
    package let person: String?
    package let name: String?
    package let cause: Cause
    /// National identifier of who reported it.
    package let by: String
    package let at: Timestamp

    package init(serial: String, person: String?, name: String?, cause: Cause, by: String, at: Timestamp) {
        self.serial = serial
        self.person = person
        self.name = name
        self.cause = cause
        self.by = by
        self.at = at
    }

    package var json: JSON {
        [
            "serial": .string(serial), "national_id": JSON(person), "name": JSON(name), "cause": .string(cause.rawValue),
            "reported_by": .string(by), "reported_at": .string(at.description),
        ]
    }

    /// `nil` for what is none.
    init?(_ json: JSON) {
        guard let serial = json["serial"]?.string, let cause = json["cause"]?.string.flatMap(Cause.init(rawValue:)),
            let by = json["reported_by"]?.string, let at = json.time("reported_at")
        else { return nil }
        self.init(serial: serial, person: json["national_id"]?.string, name: json["name"]?.string, cause: cause, by: by, at: at)
    }

    var record: KeptRecord { KeptRecord(.lostCard, serial, key: person ?? "", isOpen: true, json: json) }

    package var refusal: Refusal {
        Refusal(.cardReportedLost, ["cause": .string(cause.rawValue), "reported_at": .string(at.description)])
    }
}

/// The cards that were reported lost or stolen, as they are kept.
package final class LostCards: Sendable {
    private let cards = Mutex<[String: LostCard]>([:])

    package init() {}

    /// Takes in what earlier runs have kept.
    package func load(_ records: any RecordReading) async throws(LedgerFailure) {
        for record in try await records.openRecords(.lostCard) {
            if let card = LostCard(record.json) { take(card) }
        }
    }

    package func card(_ serial: String) -> LostCard? { cards.withLock { $0[serial] } }

    /// By serial.
    package var all: [LostCard] { cards.withLock { $0.values.sorted { $0.serial < $1.serial } } }

    package func check(_ serial: String) throws(Refusal) {
        if let card = card(serial) { throw card.refusal }
    }

    func take(_ card: LostCard) { cards.withLock { $0[card.serial] = card } }
    package func drop(_ serial: String) { cards.withLock { $0[serial] = nil } }
}
