package import Identity
package import Primitives

/// A password of an account, and how it came about. Who made it stays known when its owner changes an initial password: the way in is
/// still theirs.
package struct WayIn: Hashable, Sendable {
    /// Somebody who vouched for a way in, in a session with their card.
    package struct Maker: Hashable, Sendable {
        package let person: NationalID
        package let name: String
        package let session: String

        package init(person: NationalID, name: String, session: String) {
            self.person = person
            self.name = name
            self.session = session
        }
    }

    package enum Confirmation: Hashable, Sendable {
        case awaited
        case by(Maker)
        /// A site of one practitioner: nobody was there to confirm.
        case solo
    }

    package enum Origin: Hashable, Sendable {
        /// The person themself, in a session with this card.
        case holder(Maker, cardSerial: String)
        case referent(Maker, Confirmation)
    }

    package var origin: Origin
    package var hash: PasswordHash
    package let madeAt: Timestamp
    /// When the password that is in force was chosen, or made.
    package var setAt: Timestamp
    /// An initial password, that has to be changed at first use, fits until then; `nil` for one that its owner chose.
    package var initialUntil: Timestamp?

    package init(origin: Origin, hash: PasswordHash, madeAt: Timestamp, initialUntil: Timestamp?) {
        self.origin = origin
        self.hash = hash
        self.madeAt = madeAt
        setAt = madeAt
        self.initialUntil = initialUntil
    }

    package var madeBy: Maker {
        switch origin {
        case .holder(let maker, _), .referent(let maker, _): maker
        }
    }

    package var confirmedBy: Maker? { if case .referent(_, .by(let maker)) = origin { maker } else { nil } }
    package var isSolo: Bool { if case .referent(_, .solo) = origin { true } else { false } }

    /// Whoever had a hand in it, apart from the owner: none of them may review what is done by it.
    package func makers(otherThan owner: NationalID) -> [Maker] {
        [madeBy, confirmedBy].compactMap { $0 }.filter { $0.person != owner }
    }
}

extension WayIn {
    /// What callers and traces see.
    package var json: JSON {
        var members: [String: JSON] = [
            "made_by": madeBy.json, "confirmed_by": confirmedBy?.json ?? .null, "solo": .bool(isSolo),
            "made_at": .string(madeAt.description), "set_at": .string(setAt.description), "initial": .bool(initialUntil != nil),
            "initial_until": initialUntil.map { .string($0.description) } ?? .null,
        ]
        switch origin {
        case .holder(_, let serial):
            members["origin"] = "holder"
            members["card_serial"] = .string(serial)
        case .referent:
            members["origin"] = "referent"
        }
        return .object(members)
    }

    /// With the hash, for the store alone.
    var stored: JSON { json.with("hash", .string(hash.text)) }

    /// Reads ``stored`` back; `nil` for anything else.
    init?(stored json: JSON) {
        guard let hash = json["hash"]?.string.flatMap({ PasswordHash($0) }), let maker = json["made_by"].flatMap({ Maker($0) }),
            let madeAt = json["made_at"]?.string.flatMap({ Timestamp($0) }), let setAt = json["set_at"]?.string.flatMap({ Timestamp($0) }),
            let isSolo = json["solo"]?.bool, let isInitial = json["initial"]?.bool
        else { return nil }
        let until = json["initial_until"]?.string.flatMap { Timestamp($0) }
        guard isInitial == (until != nil) else { return nil }
        let origin: Origin
        switch (json["origin"]?.string, json["confirmed_by"] ?? .null, isSolo) {
        case ("holder", .null, false):
            guard let serial = json["card_serial"]?.string else { return nil }
            origin = .holder(maker, cardSerial: serial)
        case ("referent", .null, true): origin = .referent(maker, .solo)
        case ("referent", .null, false): origin = .referent(maker, .awaited)
        case ("referent", let json, false):
            guard let confirming = Maker(json) else { return nil }
            origin = .referent(maker, .by(confirming))
        default: return nil
        }
        self.init(origin: origin, hash: hash, madeAt: madeAt, initialUntil: until)
        self.setAt = setAt
    }
}

extension WayIn.Maker {
    package var json: JSON { ["national_id": .string(person.text), "name": .string(name), "session": .string(session)] }

    init?(_ json: JSON) {
        guard let person = json["national_id"]?.string.flatMap({ NationalID($0) }), let name = json["name"]?.string,
            let session = json["session"]?.string
        else { return nil }
        self.init(person: person, name: name, session: session)
    }
}
