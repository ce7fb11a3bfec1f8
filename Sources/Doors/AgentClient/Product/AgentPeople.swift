internal import Primitives

/// A person, as the certificate of the card names them.
public struct AgentHolder: Hashable, Sendable {
    public let nationalID: String
    public let rpps: String?
    public let familyName: String?
    public let givenName: String?
    /// Code of table G15, and its label.
    public let professionCode: String?
    public let professionLabel: String?

    /// Given and family name; the national identifier where there is none.
    public var displayName: String {
        let name = [givenName, familyName].compactMap { $0 }.joined(separator: " ")
        return name.isEmpty ? nationalID : name
    }

    init?(_ json: JSON) {
        guard let nationalID = json["national_id"]?.string else { return nil }
        self.nationalID = nationalID
        rpps = json["rpps"]?.string
        familyName = json["family_name"]?.string
        givenName = json["given_name"]?.string
        professionCode = json["profession"]?["code"]?.string
        professionLabel = json["profession"]?["label"]?.string
    }
}

/// A situation of practice: what somebody is, in which structure.
public struct AgentProfile: Hashable, Sendable {
    public let id: String
    /// Code of table R02, such as SA07.
    public let sector: String?
    public let structureID: String?
    public let label: String?

    init?(_ json: JSON) {
        guard let id = json["id"]?.string else { return nil }
        self.id = id
        sector = json["sector"]?.string
        structureID = json["structure_id"]?.string
        label = json["label"]?.string
    }
}
