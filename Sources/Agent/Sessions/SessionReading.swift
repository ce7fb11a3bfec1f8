internal import Habilitation
internal import Identity
internal import Primitives

/// Sessions that live by no card in a reader, as the store gives them back, by ``Session/json``. What is not whole is none.
extension Session {
    init?(stored json: JSON) {
        guard let mode = json["mode"]?.string.flatMap(Mode.init(rawValue:)), let entry = Entry(stored: json, mode),
            let id = json["id"]?.string, (1...128).contains(id.utf8.count),
            let state = json["state"]?.string.flatMap(State.init(rawValue:)), state == .active || state == .profileRequired,
            let uid = json["uid"]?.int.flatMap(UInt32.init(exactly:)), let holder = Holder(stored: json),
            let situations = json["profiles"]?.list({ Situation(stored: $0) }), situations.count <= mostSituations,
            let scopes = json["scopes"]?.list({ $0.string.flatMap { Scope($0) } }), let acr = json["acr"]?.string,
            let amr = json["amr"]?.list(\.string), let openedAt = json.time("opened_at"), let expiresAt = json.time("expires_at"),
            openedAt < expiresAt
        else { return nil }
        let profile = json["profile"]?["id"]?.string
        guard situations.awaitChoice(nil) || profile == situations.first?.id, state == .active || profile == nil else { return nil }
        let chosen = situations.first { $0.id == profile }
        guard (profile == nil) == (chosen == nil), (state == .profileRequired) == situations.awaitChoice(chosen) else { return nil }
        self.init(
            id: id, state: state, entry: entry, uid: uid, resumes: json["resumes"]?.string, holder: holder,
            supervisor: json["supervisor"]?.string.flatMap { NationalID($0) }, situations: situations, profile: chosen, scopes: scopes,
            acr: acr, amr: amr, openedAt: openedAt, expiresAt: expiresAt)
    }
}

extension Session.Entry {
    fileprivate init?(stored json: JSON, _ mode: Session.Mode) {
        switch mode {
        case .card: return nil
        case .degraded:
            guard let entry = json["degraded"].flatMap({ Session.DegradedEntry(stored: $0) }) else { return nil }
            self = .degraded(entry)
        case .mobile:
            guard let entry = Session.MobileEntry(stored: json) else { return nil }
            self = .mobile(entry)
        }
    }
}

extension Session.DegradedEntry {
    fileprivate init?(stored json: JSON) {
        guard let origin = json["origin"]?.string.flatMap(Origin.init(rawValue:)), let reason = json["reason"]?.string,
            (json["account"]?.string == nil) == (origin == .vouched)
        else { return nil }
        self.init(
            origin: origin, account: json["account"]?.string, madeBy: json["made_by"]?.string, confirmedBy: json["confirmed_by"]?.string,
            reason: reason, note: json["note"]?.string)
    }
}

extension Holder {
    /// - Parameter session: the JSON of a session; what rights depend on besides the person stands with how they came in.
    fileprivate init?(stored session: JSON) {
        let entry = session["degraded"]?["know_how"] == nil ? session["mobile"] : session["degraded"]
        guard let json = session["holder"], let id = json["national_id"]?.string.flatMap({ NationalID($0) }),
            let isTest = session["test"]?.bool, let knowHow = entry?["know_how"]?.list(\.string)
        else { return nil }
        let type = entry?["card_type"]?.string
        let cardType = type.flatMap { CardType(rawValue: $0) }
        let structure = json["structure_id"]?.string
        let structureID = structure.flatMap { StructureID($0) }
        guard (type == nil) == (cardType == nil), (structure == nil) == (structureID == nil) else { return nil }
        self.init(
            nationalID: id, familyName: json["family_name"]?.string, givenName: json["given_name"]?.string,
            organization: json["organization"]?.string, structureID: structureID,
            profession: json["profession"]?["code"]?.string.map { Profession(code: $0) }, training: json["training"]?.string,
            knowHow: knowHow, card: Holder.Card(type: cardType), isTest: isTest)
    }
}

extension Situation {
    fileprivate init?(stored json: JSON) {
        guard let id = json["id"]?.string, let profession = json["profession"]?.string,
            let knowHow = json["know_how"]?.list(\.string)
        else { return nil }
        let structure = json["structure_id"]?.string
        let structureID = structure.flatMap { StructureID($0) }
        guard (structure == nil) == (structureID == nil) else { return nil }
        self.init(
            id: id, profession: profession, knowHow: knowHow, sector: json["sector"]?.string, mode: json["mode"]?.string,
            structure: structureID, label: json["label"]?.string)
    }
}

extension JSON {
    /// The elements of a list, each of which has to be one; else `nil`.
    fileprivate func list<Element>(_ element: (JSON) -> Element?) -> [Element]? {
        guard let array else { return nil }
        let elements = array.compactMap(element)
        return elements.count == array.count ? elements : nil
    }
}
