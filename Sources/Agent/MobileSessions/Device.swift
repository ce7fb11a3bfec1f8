internal import Primitives
internal import Sessions

/// A phone or tablet of a person, by its key.
struct Device: Hashable, Sendable {
    let id: String
    /// National identifier.
    let person: String
    let name: String
    let thumbprint: String
    /// Name of the program on it.
    let client: String
    let firstSeen: Timestamp
    var lastUsed: Timestamp

    init(person: String, name: String, thumbprint: String, client: String, firstSeen: Timestamp, lastUsed: Timestamp) {
        id = Self.id(person, thumbprint)
        self.person = person
        self.name = name
        self.thumbprint = thumbprint
        self.client = client
        self.firstSeen = firstSeen
        self.lastUsed = lastUsed
    }

    /// The same key is another device in another person's hands.
    static func id(_ person: String, _ thumbprint: String) -> String { String(Digest.of("\(person)\n\(thumbprint)").prefix(22)) }

    /// `nil` for what is none.
    init?(_ json: JSON) {
        guard let person = json["person"]?.string, let name = json["name"]?.string, let thumbprint = json["thumbprint"]?.string,
            let client = json["client"]?.string, let firstSeen = json.time("first_seen"), let lastUsed = json.time("last_used")
        else { return nil }
        self.init(person: person, name: name, thumbprint: thumbprint, client: client, firstSeen: firstSeen, lastUsed: lastUsed)
    }

    var json: JSON {
        [
            "id": .string(id), "person": .string(person), "name": .string(name), "thumbprint": .string(thumbprint),
            "client": .string(client), "first_seen": .string(firstSeen.description), "last_used": .string(lastUsed.description),
        ]
    }

    var record: KeptRecord { KeptRecord(.device, id, key: person, isOpen: false, json: json) }
}
