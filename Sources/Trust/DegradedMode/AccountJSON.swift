internal import Identity
package import Primitives

extension Account {
    /// What callers see.
    package var json: JSON {
        profile.json.merging([
            "id": .string(id), "national_id": .string(person.text), "rpps": person.rpps.map(JSON.string) ?? .null,
            "state": .string(state.rawValue), "way_in": wayIn?.json ?? .null, "pending": pending?.json ?? .null,
            "created_at": .string(createdAt.description), "changed_at": .string(changedAt.description),
        ])
    }

    /// With the hashes, for the store alone.
    package var stored: JSON {
        json.merging([
            "way_in": wayIn?.stored ?? .null, "pending": pending?.stored ?? .null, "disabled": .bool(isDisabled),
            "history": .array(history.map { .string($0.text) }),
        ])
    }

    /// Reads ``stored`` back; `nil` for anything else, such as the row of a damaged database.
    package init?(stored json: JSON) {
        guard let id = json["id"]?.string, let person = json["national_id"]?.string.flatMap({ NationalID($0) }),
            let profile = PersonProfile(json), let isDisabled = json["disabled"]?.bool, let texts = json["history"]?.array,
            texts.count <= Self.mostHistory, let wayIn = Self.wayIn(json, "way_in"), let pending = Self.wayIn(json, "pending"),
            let createdAt = json["created_at"]?.string.flatMap({ Timestamp($0) }),
            let changedAt = json["changed_at"]?.string.flatMap({ Timestamp($0) })
        else { return nil }
        let history = texts.compactMap { $0.string.flatMap { PasswordHash($0) } }
        guard history.count == texts.count else { return nil }
        self.init(
            id: id, person: person, profile: profile, isDisabled: isDisabled, wayIn: wayIn, pending: pending, history: history,
            createdAt: createdAt, changedAt: changedAt)
    }

    /// A way in or none; `nil` where there is something else.
    private static func wayIn(_ json: JSON, _ name: String) -> WayIn?? {
        guard let json = json[name], json != .null else { return .some(nil) }
        return WayIn(stored: json).map { .some($0) }
    }
}

extension JSON {
    fileprivate func merging(_ more: [String: JSON]) -> JSON {
        guard case .object(let members) = self else { return .object(more) }
        return .object(members.merging(more) { _, new in new })
    }
}
