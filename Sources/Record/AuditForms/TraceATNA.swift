import Audit
import Primitives

/// Traces as audit messages of DICOM PS3.15 A.5, which IHE ATNA sends (ITI-20).
package enum TraceATNA {
    /// The messages of one trace, each a document of one line without a declaration.
    package static func messages(_ record: TraceRecord) -> [[UInt8]] {
        AuditEntry.entries(record).map { Array(message($0, record).utf8) }
    }

    private static func message(_ entry: AuditEntry, _ record: TraceRecord) -> String {
        var xml = XMLText()
        xml.element("AuditMessage", []) { xml in
            let event = [
                ("EventActionCode", entry.mapping.action.rawValue), ("EventDateTime", record.time.description),
                ("EventOutcomeIndicator", String(entry.outcome)),
            ]
            xml.element("EventIdentification", event) { xml in
                xml.code("EventID", entry.mapping.id)
                for type in entry.types(record) { xml.code("EventTypeCode", type) }
                if let code = record.text("code") { xml.element("EventOutcomeDescription", text: code) }
                for purpose in entry.purposes { xml.code("PurposeOfUse", purpose) }
            }
            for participant in entry.participants { xml.participant(participant, workstation: record.workstation) }
            xml.element("AuditSourceIdentification", [("AuditSourceID", record.workstation)]) { xml in
                xml.element(
                    "AuditSourceTypeCode", [("csd-code", "6"), ("codeSystemName", "DCM"), ("originalText", "Security Server")])
            }
            xml.objects(record)
        }
        return xml.text
    }
}

extension XMLText {
    fileprivate mutating func code(_ name: String, _ code: AuditCode) {
        let attributes = [
            ("csd-code", code.code), ("codeSystemName", code.system.name), ("originalText", code.display), ("displayName", code.display),
        ]
        element(name, attributes)
    }

    fileprivate mutating func participant(_ participant: AuditEntry.Participant, workstation: String) {
        var attributes = [("UserID", participant.id)]
        if let other = participant.otherID { attributes.append(("AlternativeUserID", other)) }
        if let name = participant.name { attributes.append(("UserName", name)) }
        attributes.append(("UserIsRequestor", String(participant.isRequestor)))
        if participant.kind != .person { attributes += [("NetworkAccessPointID", workstation), ("NetworkAccessPointTypeCode", "1")] }
        element("ActiveParticipant", attributes) { xml in
            switch participant.kind {
            case .person: if let profession = participant.profession { xml.code("RoleIDCode", profession) }
            case .program: xml.code("RoleIDCode", .application)
            case .agent: xml.code("RoleIDCode", .destination)
            }
        }
    }

    /// What the event is about: the patient, the session, the card, the token, and the trace itself with all its other facts.
    fileprivate mutating func objects(_ record: TraceRecord) {
        // Type 1 person with role 1 patient; type 2 system object with role 20 job or 13 security resource (DICOM PS3.15 A.5.2).
        if let patient = record.text("patient") { object(patient, "1", "1", "patient", []) }
        if let session = record.text("session") { object(session, "2", "20", "session", []) }
        if let card = record.text("card", "serial") { object(card, "2", "13", "card", []) }
        if let token = record.text("detail", "jti") { object(token, "2", "13", "token", []) }
        object(String(record.seq), "2", "13", "trace", [("leaf_hash", record.hash.description)] + record.facts.map { ($0.name, $0.value) })
    }

    private mutating func object(_ id: String, _ type: String, _ role: String, _ kind: String, _ facts: [(String, String)]) {
        let attributes = [("ParticipantObjectID", id), ("ParticipantObjectTypeCode", type), ("ParticipantObjectTypeCodeRole", role)]
        element("ParticipantObjectIdentification", attributes) { xml in
            xml.element(
                "ParticipantObjectIDTypeCode", [("csd-code", kind), ("codeSystemName", "cps-agent"), ("originalText", kind)])
            xml.element("ParticipantObjectName", text: "\(kind) \(id)")
            for (name, value) in facts {
                xml.element("ParticipantObjectDetail", [("type", name), ("value", StandardBase64.encode(Array(value.utf8)))])
            }
        }
    }
}
