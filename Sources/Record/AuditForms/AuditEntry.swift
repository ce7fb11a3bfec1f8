import Audit

/// A trace as the audit standards see it. A degraded login is two of them: the login, and the emergency that it is.
struct AuditEntry {
    /// Which of the entries of its trace it is, from 0.
    let number: Int
    let mapping: EventMapping
    /// 0 success, 4 minor, 8 serious, 12 major failure (DICOM PS3.15 A.5.2).
    let outcome: Int
    let purposes: [AuditCode]
    let participants: [Participant]

    struct Participant {
        enum Kind {
            case person, program, agent
        }

        let kind: Kind
        let id: String
        var otherID: String?
        var name: String?
        let isRequestor: Bool
        var profession: AuditCode?
    }

    static func entries(_ record: TraceRecord) -> [AuditEntry] {
        let mapping = EventMapping.of(record.event)
        let override: EventMapping? =
            switch record.event {
            case "session.opened" where record.isDegraded && record.outcome == .granted: .overrideStarted
            case "session.ended" where record.isDegraded: .overrideStopped
            default: nil
            }
        return [mapping, override].compactMap { $0 }.enumerated().map { number, mapping in
            AuditEntry(
                number: number, mapping: mapping, outcome: outcome(record), purposes: purposes(record), participants: participants(record))
        }
    }

    /// The kind of the event, and its own name.
    func types(_ record: TraceRecord) -> [AuditCode] { [mapping.type, .own(record.event)].compactMap { $0 } }

    private static func outcome(_ record: TraceRecord) -> Int {
        switch record.outcome {
        case .granted, .info: 0
        case .refused: 4
        // A log that is not sound makes everything else uncertain.
        case .failed: record.event == "audit.verified" ? 12 : 8
        }
    }

    private static func purposes(_ record: TraceRecord) -> [AuditCode] {
        let isOverride = record.family == "breakglass" || record.text("detail", "break_glass") != nil
        let isEmergency = record.isDegraded || record.family == "degraded" || record.text("detail", "kind") == "centre_15"
        let emergencies = [isOverride ? AuditCode.breakGlass : nil, isEmergency ? .emergencyTreatment : nil].compactMap { $0 }
        guard emergencies.isEmpty else { return emergencies }
        return ["card", "pin", "login", "session", "token", "signature", "mobile"].contains(record.family)
            ? [.treatment] : [.administration]
    }

    private static func participants(_ record: TraceRecord) -> [Participant] {
        var found: [Participant] = []
        if let id = record.text("actor", "national_id") ?? record.text("actor", "id") {
            found.append(
                Participant(
                    kind: .person, id: id, name: record.text("actor", "name"), isRequestor: true,
                    profession: record.text("actor", "profession").map { AuditCode($0, .profession, $0) }))
        }
        if let name = record.text("client", "name") {
            let account = [record.text("client", "uid").map { "uid:\($0)" }, record.text("client", "pid").map { "pid:\($0)" }]
            found.append(
                Participant(
                    kind: .program, id: name, otherID: account.compactMap { $0 }.joined(separator: " "), isRequestor: found.isEmpty))
        }
        found.append(Participant(kind: .agent, id: record.workstation, isRequestor: false))
        return found
    }
}
