import Audit
package import Primitives

/// Traces as FHIR R4 AuditEvent resources, after IHE BALP.
///
/// A token that was issued follows the profile of BALP for ITI-71 (`IHE.IUA.71`). BALP has no profile for the other events: they have the
/// shape that its profiles share.
package enum TraceFHIR {
    static let accessTokenProfile = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.IUA.71"

    package static func resources(_ record: TraceRecord) -> [JSON] { AuditEntry.entries(record).map { resource($0, record) } }

    private static func resource(_ entry: AuditEntry, _ record: TraceRecord) -> JSON {
        let isTokenProfile = record.event == "token.issued" && record.outcome == .granted && record.text("client", "name") != nil
        let types = isTokenProfile ? [AuditCode.getAccessToken] : entry.types(record)
        return .members([
            "resourceType": "AuditEvent",
            // The same trace has the same id however often it is sent.
            "id": .string("trace-\(record.hash.description.prefix(40))-\(entry.number)"),
            "meta": isTokenProfile ? ["profile": [.string(accessTokenProfile)]] : nil,
            "extension": [
                ["url": "urn:cps-agent:trace", "valueString": .string(String(record.seq))],
                ["url": "urn:cps-agent:leaf-hash", "valueString": .string(record.hash.description)],
                ["url": "urn:cps-agent:event", "valueCode": .string(record.event)],
            ],
            "type": coding(entry.mapping.id), "subtype": .array(types.map(coding)), "action": .string(entry.mapping.action.rawValue),
            "recorded": .string(record.time.description), "outcome": .string(String(entry.outcome)),
            "outcomeDesc": (record.text("code") ?? record.text("reason")).map(JSON.string),
            "purposeOfEvent": .array(entry.purposes.map(concept)),
            "agent": .array(entry.participants.map { agent($0, entry, record, isTokenProfile) }),
            "source": [
                "site": .string(record.workstation), "observer": ["display": .string("cps-agent on \(record.workstation)")],
                "type": [
                    ["system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "6", "display": "Security Server"]
                ],
            ],
            "entity": .array(isTokenProfile ? [tokenRequest(record)] : entities(record)),
        ])
    }

    private static func coding(_ code: AuditCode) -> JSON {
        ["system": .string(code.system.uri), "code": .string(code.code), "display": .string(code.display)]
    }

    private static func concept(_ code: AuditCode) -> JSON { ["coding": [coding(code)]] }

    private static func concept(_ system: String, _ code: String) -> JSON {
        ["coding": [["system": .string(system), "code": .string(code)]]]
    }

    private static func agent(
        _ participant: AuditEntry.Participant, _ entry: AuditEntry, _ record: TraceRecord, _ isTokenProfile: Bool
    ) -> JSON {
        let network: JSON = ["address": .string(record.workstation), "type": "1"]
        switch participant.kind {
        case .person:
            return .members([
                "type": concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
                "role": participant.profession.map { [concept($0)] },
                "who": .members([
                    "identifier": ["system": "urn:oid:1.2.250.1.71.4.2.1", "value": .string(participant.id)],
                    "display": participant.name.map(JSON.string),
                ]),
                "name": participant.name.map(JSON.string), "requestor": .bool(participant.isRequestor),
                // What the person acted by: the token by its id, never the token itself.
                "policy": (record.text("detail", "jti") ?? record.text("session")).map { [.string("urn:cps-agent:authorization:\($0)")] },
                "purposeOfUse": .array(entry.purposes.map(concept)),
            ])
        case .program:
            return .members([
                "type": concept(.application),
                "who": ["identifier": ["value": .string(participant.id)], "display": .string(participant.id)],
                "altId": isTokenProfile ? nil : participant.otherID.map(JSON.string),
                "requestor": .bool(participant.isRequestor && !isTokenProfile),
                "network": network,
            ])
        case .agent:
            return [
                "type": isTokenProfile
                    ? concept("https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes", "AuthzOauthService") : concept(.destination),
                "who": ["identifier": ["value": .string(participant.id)], "display": .string("cps-agent on \(participant.id)")],
                "requestor": false, "network": network,
            ]
        }
    }

    /// What was asked for, as the request would be written; it holds no secret.
    private static func tokenRequest(_ record: TraceRecord) -> JSON {
        let parts = ["audience", "scope", "ttl"].compactMap { name in record.text("detail", name).map { "\(name)=\($0)" } }
        let request = "POST /v1/sessions/\(record.text("session") ?? "-")/tokens \(parts.joined(separator: " "))"
        return [
            "type": objectType("2"), "role": objectRole("24"), "query": .string(StandardBase64.encode(Array(request.utf8))),
        ]
    }

    private static func entities(_ record: TraceRecord) -> [JSON] {
        var found: [JSON] = []
        if let patient = record.text("patient") { found.append(entity(patient, "1", "1", "patient")) }
        if let session = record.text("session") { found.append(entity(session, "2", "20", "session")) }
        if let card = record.text("card", "serial") { found.append(entity(card, "2", "13", "card")) }
        if let token = record.text("detail", "jti") { found.append(entity(token, "2", "13", "token")) }
        var trace = entity(String(record.seq), "2", "13", "trace")
        let facts = record.facts
        if !facts.isEmpty {
            trace = trace.with("detail", .array(facts.map { ["type": .string($0.name), "valueString": .string($0.value)] }))
        }
        return found + [trace]
    }

    private static func entity(_ id: String, _ type: String, _ role: String, _ kind: String) -> JSON {
        [
            "what": ["identifier": ["system": .string("urn:cps-agent:\(kind)"), "value": .string(id)]], "type": objectType(type),
            "role": objectRole(role), "name": .string("\(kind) \(id)"),
        ]
    }

    private static func objectType(_ code: String) -> JSON {
        ["system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": .string(code)]
    }

    private static func objectRole(_ code: String) -> JSON {
        ["system": "http://terminology.hl7.org/CodeSystem/object-role", "code": .string(code)]
    }
}
