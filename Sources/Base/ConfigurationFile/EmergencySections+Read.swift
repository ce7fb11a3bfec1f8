internal import Primitives

extension DegradedSection {
    /// Longest that a session without a card may last, and one that a colleague vouched for.
    private static let longest: Int64 = 14_400
    private static let longestVouched: Int64 = 43_200

    init(_ reader: inout ValueReader, stateDirectory: String?) {
        isEnabled = reader.bool("degraded.enabled", default: false)
        homologation = Homologation(&reader, isNeeded: isEnabled)
        longest = reader.duration("degraded.longest", default: Self.longest, in: 300...Self.longest)
        session = reader.duration("degraded.session", default: min(1800, longest), in: 60...longest)
        vouched = reader.duration("degraded.vouched", default: Self.longestVouched, in: 300...Self.longestVouched)
        isSolo = reader.bool("degraded.solo", default: false)
        reasons = reader.codes(
            "degraded.reasons",
            default: [
                "card_lost", "card_forgotten", "card_stolen", "card_broken", "pin_blocked", "reader_broken", "certificate_expired",
            ])
        contact = reader.optional("degraded.contact", expected: ValueForm.line, ValueForm.line(_:))
        passwordAge = reader.optional(
            "degraded.password_age", expected: Text("une durée d'un jour ou plus, comme 365d", "a duration of a day or more, such as 365d")
        ) { text in
            DurationText.seconds(text).flatMap { $0 >= 86_400 ? $0 : nil }
        }
        let pepper = "\(stateDirectory ?? "")/keys/pepper"
        self.pepper = reader.value("degraded.pepper", expected: ValueForm.path, default: pepper, ValueForm.path(_:)) ?? pepper
    }
}

extension DegradedSection.Homologation {
    fileprivate init?(_ reader: inout ValueReader, isNeeded: Bool) {
        let key = "degraded.homologation"
        let authority = reader.optional("\(key).authority", expected: ValueForm.line, ValueForm.line(_:))
        let reference = reader.optional("\(key).reference", expected: ValueForm.line, ValueForm.line(_:))
        let day = reader.optional("\(key).valid_until", expected: Text("un jour comme 2027-12-31", "a day such as 2027-12-31")) {
            Timestamp("\($0)T23:59:59Z")
        }
        guard let authority, let reference, let day else {
            if isNeeded {
                for (name, isMissing) in [("authority", authority == nil), ("reference", reference == nil), ("valid_until", day == nil)]
                where isMissing && !reader.hasProblem(under: "\(key).\(name)") {
                    reader.refuse(
                        "\(key).\(name)",
                        Text("doit être donné quand degraded.enabled vaut true", "must be set where degraded.enabled is true"))
                }
            }
            return nil
        }
        self.init(authority: authority, reference: reference, validUntil: day)
    }
}

extension BreakGlassSection {
    private static let longest: Int64 = 14_400

    init(_ reader: inout ValueReader) {
        longest = reader.duration("break_glass.longest", default: Self.longest, in: 300...Self.longest)
        usual = reader.duration("break_glass.usual", default: min(1800, longest), in: 1...longest)
        inactivity = reader.duration("break_glass.inactivity", default: 3600, in: 60...86_400)
        reviewWithin = reader.duration("break_glass.review_within", default: 86_400, in: 3600...2_592_000)
        reasons = reader.codes(
            "break_glass.reasons", default: ["vital_emergency", "patient_unable", "continuity_of_care", "centre_15"])
        command = reader.list("break_glass.notify.command")
        webhook = reader.optional("break_glass.notify.webhook", expected: .webAddress, WebAddress.init)
        webhookAuthorities = reader.optional("break_glass.notify.authorities", expected: ValueForm.path, ValueForm.path(_:))
        if let program = command.first, ValueForm.path(program) == nil {
            reader.refuse("break_glass.notify.command", .mustBeginWithProgram)
        }
        if webhook == nil, webhookAuthorities != nil {
            reader.refuse(
                "break_glass.notify.authorities",
                Text("ne sert à rien sans break_glass.notify.webhook", "is of no use without break_glass.notify.webhook"))
        }
    }
}

extension ValueReader {
    /// Codes of reasons: what people choose from by one key.
    fileprivate mutating func codes(_ key: String, default codes: [String]) -> [String] {
        let expected = Text("des codes de 1 à 64 caractères a-z, 0-9 et _", "codes of 1 to 64 characters a-z, 0-9 and _")
        let given = list(key, of: expected) { text -> String? in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
                ? text : nil
        }
        guard let given, !given.isEmpty else { return codes }
        if given.count > 32 || Set(given).count != given.count {
            refuse(key, Text("doit avoir au plus 32 codes, tous différents", "must have at most 32 different codes"))
        }
        return given
    }
}
