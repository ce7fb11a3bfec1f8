internal import Audit
internal import Identity
package import Primitives

/// What was done without a person's card, or to their account, since they last came in with the card: shown to them when they next do.
package struct SinceLastLogin: Sendable {
    private let registry: SessionRegistry
    private let ledger: any Ledger & RecordReading

    /// The newest that one answer holds.
    private static let most = 100

    package init(_ registry: SessionRegistry, _ ledger: any Ledger & RecordReading) {
        self.registry = registry
        self.ledger = ledger
    }

    /// The uses, resets and vouchings since the last time that they were told, oldest first; they are told once.
    ///
    /// What cannot be read now is told at the next login.
    package func tell(_ session: Session) async -> [JSON] {
        let person = session.holder.nationalID.text
        do throws(LedgerFailure) {
            let mark = try await ledger.record(.seen, person)?.json.time("at")
            let found = try await news(of: person, since: mark).sorted {
                ($0.at, $0.json.canonical.count) < ($1.at, $1.json.canonical.count)
            }
            guard let last = found.last else { return [] }
            let seen = KeptRecord(.seen, person, key: person, isOpen: false, json: ["at": .string(last.at.description)])
            await registry.record([], [.keep(seen)])
            return found.suffix(Self.most).map(\.json)
        } catch {
            registry.report("what was done without a card could not be read: \(error.reason)")
            return []
        }
    }

    private func news(of person: String, since mark: Timestamp?) async throws(LedgerFailure) -> [(at: Timestamp, json: JSON)] {
        var found: [(at: Timestamp, json: JSON)] = []
        for record in try await ledger.records(.emergency, key: person) {
            guard let emergency = Emergency(record.json), emergency.kind == .degraded,
                emergency.declaredAt > mark ?? emergency.declaredAt.before
            else { continue }
            let entry = try await ledger.storedSession(emergency.session)?["degraded"]
            found.append((emergency.declaredAt, emergency.told(entry)))
        }
        for record in try await ledger.records(.account, key: person) {
            for name in ["way_in", "pending"] {
                guard let way = record.json[name], way["origin"]?.string != "holder", let at = way.time("made_at"), at > mark ?? at.before
                else { continue }
                found.append(
                    (
                        at,
                        [
                            "kind": "password", "at": .string(at.description), "made_by": way["made_by"]?["national_id"] ?? .null,
                            "confirmed_by": way["confirmed_by"]?["national_id"] ?? .null,
                        ]
                    ))
            }
        }
        return found
    }
}

extension Emergency {
    /// - Parameter entry: how its session came about.
    fileprivate func told(_ entry: JSON?) -> JSON {
        let isVouched = entry?["origin"]?.string == Session.DegradedEntry.Origin.vouched.rawValue
        return [
            "kind": isVouched ? "vouched" : "use", "at": .string(declaredAt.description), "session": .string(session),
            "client": .string(client), "uid": .int(Int64(uid)), "reason": .string(reason), "note": JSON(note),
            "made_by": entry?["made_by"] ?? .null, "ended_at": JSON(endedAt?.description),
        ]
    }
}

extension Timestamp {
    fileprivate var before: Timestamp { Timestamp(milliseconds: milliseconds - 1) }
}
