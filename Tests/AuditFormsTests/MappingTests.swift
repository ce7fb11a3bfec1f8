import Audit
import AuditForms
import Foundation
import Primitives
import Testing

/// What events are called in the standards, as seen in the FHIR form.
struct MappingTests {
    private func codes(_ record: TraceRecord) -> [String] {
        TraceFHIR.resources(record).map { resource in
            let purposes = resource["purposeOfEvent"]?.array ?? []
            let reasons = purposes.compactMap { $0["coding"]?.array?.first?["code"]?.string }
            let subtype = resource["subtype"]?.array?.first?["code"]?.string
            return [
                resource["type"]?["code"]?.string, subtype, resource["action"]?.string, resource["outcome"]?.string,
                reasons.joined(separator: "+"),
            ].map { $0 ?? "-" }.joined(separator: " ")
        }
    }

    @Test(arguments: [
        (TraceEvent.agentStarted, TraceOutcome.info, "110100 110120 E 0 HSYSADMIN"),
        (.agentStopped, .info, "110100 110121 E 0 HSYSADMIN"), (.configLoaded, .info, "110113 110131 E 0 HSYSADMIN"),
        (.configRefused, .failed, "110113 110131 E 8 HSYSADMIN"),
        (.habilitationLoaded, .info, "110113 110136 U 0 HSYSADMIN"), (.pinVerified, .granted, "110114 pin.verified E 0 TREAT"),
        (.pinRefused, .refused, "110114 pin.refused E 4 TREAT"), (.pinChanged, .granted, "110113 110137 U 0 TREAT"),
        (.sessionOpened, .granted, "110114 110122 E 0 TREAT"), (.loginRefused, .refused, "110114 110122 E 4 TREAT"),
        (.loginFailed, .failed, "110114 110122 E 8 TREAT"), (.loginCancelled, .info, "110114 login.cancelled E 0 TREAT"),
        (.sessionEnded, .info, "110114 110123 E 0 TREAT"), (.tokenIssued, .granted, "110114 ITI-71 E 0 TREAT"),
        (.tokenRefused, .refused, "110114 ITI-71 E 4 TREAT"), (.directoryImported, .granted, "110107 directory.imported C 0 HSYSADMIN"),
        (.signatureMade, .granted, "attest signature.made E 0 TREAT"), (.auditRead, .granted, "110101 audit.read R 0 HSYSADMIN"),
        (.auditVerified, .failed, "110101 audit.verified R 12 HSYSADMIN"),
    ])
    func eventsAreCalledByTheirCodes(_ event: TraceEvent, _ outcome: TraceOutcome, _ expected: String) throws {
        #expect(codes(try record(event, outcome)) == [expected])
    }

    @Test(arguments: [
        ("breakglass.declared", nil, "{}", ["110113 110127 E 0 BTG"]),
        ("breakglass.declared", "degraded", "{}", ["110113 110127 E 0 BTG+ETREAT"]),
        ("breakglass.declared", "card", #"{"kind":"centre_15"}"#, ["110113 110127 E 0 BTG+ETREAT"]),
        ("breakglass.closed", nil, "{}", ["110113 110138 E 0 BTG"]), ("breakglass.expired", nil, "{}", ["110113 110138 E 0 BTG"]),
        ("breakglass.reviewed", nil, "{}", ["110113 breakglass.reviewed E 0 BTG"]),
        ("session.opened", "degraded", "{}", ["110114 110122 E 0 ETREAT", "110113 110127 E 0 ETREAT"]),
        ("session.ended", "degraded", "{}", ["110114 110123 E 0 ETREAT", "110113 110138 E 0 ETREAT"]),
        ("degraded.enrolled", nil, "{}", ["110114 degraded.enrolled E 0 ETREAT"]),
        ("token.issued", "card", #"{"break_glass":"b-1"}"#, ["110114 ITI-71 E 0 BTG"]),
        ("some.thing", nil, "{}", ["110100 some.thing E 0 HSYSADMIN"]),
    ])
    func emergenciesAreSecurityAlerts(_ event: String, _ mode: String?, _ detail: String, _ expected: [String]) throws {
        #expect(codes(try record(named: event, mode: mode, detail: detail)) == expected)
    }

    @Test func degradedLoginThatIsRefusedIsNoEmergency() throws {
        let refused = try record(.sessionOpened, .refused) { $0.mode = "degraded" }
        #expect(codes(refused) == ["110114 110122 E 4 ETREAT"])
    }

    /// The table for people names the codes that the programs give.
    @Test func documentNamesTheCodesOfEachFamily() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Docs/Audit.md"), encoding: .utf8)
        let table = try #require(text.split(separator: "### What events are called").dropFirst().first?.split(separator: "\n## ").first)
        for event in TraceEvent.allCases {
            let family = event.rawValue.prefix { $0 != "." }
            #expect(table.contains("`\(event.rawValue)`") || table.contains("`\(family).*`"), "\(event.rawValue)")
            let code = try #require(codes(try record(event)).first?.split(separator: " ").first)
            #expect(table.contains(code), "\(event.rawValue)")
        }
    }

    @Test(arguments: ["", "{}", #"{"seq":1}"#, "no"])
    func bytesThatAreNoTraceAreNone(_ text: String) { #expect(TraceRecord(leaf: Array(text.utf8)) == nil) }
}
