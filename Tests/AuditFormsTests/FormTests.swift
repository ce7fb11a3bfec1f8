import Audit
import AuditForms
import Foundation
import FoundationXML
import Primitives
import Testing

struct CSVTests {
    private func cells(_ set: (inout TraceDraft) -> Void) throws -> String {
        String(decoding: TraceCSV.line(try record(.loginRefused, .refused, set)), as: UTF8.self)
    }

    @Test func headerAndLineHaveTheSameCells() throws {
        let header = String(decoding: TraceCSV.header, as: UTF8.self)
        #expect(header.hasPrefix("seq,time,event,outcome,code,workstation,"))
        #expect(header.hasSuffix(",detail\r\n"))
        let line = try cells(login)
        #expect(line.hasPrefix("7,2026-03-01T08:00:00.500Z,login.refused,refused,,ws-042,records,1000,899900063480,MAX LIBRE,10,"))
        #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == header.split(separator: ",").count)
    }

    @Test func separatorsAndQuotesAreQuoted() throws {
        #expect(try cells { $0.reason = "one, \"two\"\nthree" }.contains(",\"one, \"\"two\"\"\nthree\","))
        #expect(try cells { $0.detail = ["a": 1] }.hasSuffix(",\"{\"\"a\"\":1}\"\r\n"))
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "  =1", "'x", "＝1"])
    func formulaIsNoFormula(_ text: String) throws {
        let line = try cells { $0.reason = text }
        #expect(line.contains(",'\(text),"))
    }

    @Test func plainTextStaysAsItIs() throws { #expect(try cells { $0.reason = "a=b" }.contains(",a=b,")) }
}

struct FHIRTests {
    @Test func issuedTokenFollowsTheProfile() throws {
        let event = try #require(
            TraceFHIR.resources(
                try record(.tokenIssued) {
                    login(&$0)
                    $0.detail = ["jti": "t-1", "audience": "https://records.example", "scope": "record:read"]
                }
            ).first)
        #expect(event["meta"]?["profile"] == ["https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.IUA.71"])
        #expect(event["subtype"]?.array?.count == 1)
        let agents = event["agent"]?.array ?? []
        let types = agents.map { $0["type"]?["coding"]?.array?.first?["code"]?.string }
        #expect(types == ["IRCP", "110150", "AuthzOauthService"])
        #expect(agents.map { $0["requestor"]?.bool } == [true, false, false])
        #expect(agents.map { $0["network"] != nil } == [false, true, true])
        #expect(agents[0]["policy"] == ["urn:cps-agent:authorization:t-1"])
        let entities = event["entity"]?.array ?? []
        #expect(entities.count == 1)
        #expect(entities.first?["role"]?["code"] == "24")
        let query = try #require(entities.first?["query"]?.string.flatMap { Data(base64Encoded: $0) })
        #expect(String(decoding: query, as: UTF8.self) == "POST /v1/sessions/s-1/tokens audience=https://records.example scope=record:read")
    }

    @Test func tokenThatWasRefusedDoesNotClaimTheProfile() throws {
        let event = try #require(TraceFHIR.resources(try record(.tokenRefused, .refused, login)).first)
        #expect(event["meta"] == nil)
        #expect(event["outcome"] == "4")
    }

    @Test func idIsThatOfTheTrace() throws {
        let first = TraceFHIR.resources(try record(.sessionOpened, .granted, login))
        #expect(first == TraceFHIR.resources(try record(.sessionOpened, .granted, login)))
        let both = TraceFHIR.resources(try record(named: "session.opened", mode: "degraded")).compactMap { $0["id"]?.string }
        #expect(Set(both).count == 2)
        #expect(both.allSatisfy { $0.utf8.count <= 64 && $0.utf8.allSatisfy { $0 == 0x2D || $0 == 0x2E || (0x30...0x7A).contains($0) } })
    }

    @Test func oneAgentIsAlwaysTheRequestorWhereSomebodyAsked() throws {
        let withProgram = try record(.loginStarted) { $0.client = ["name": "records", "uid": 1000] }
        #expect(TraceFHIR.resources(withProgram).first?["agent"]?.array?.map { $0["requestor"]?.bool } == [true, false])
    }

    @Test func patientOfAnEmergencyIsAnEntity() throws {
        let event = try record(.sessionOpened) { $0.patient = "279035121518989" }
        let patient = TraceFHIR.resources(event).first?["entity"]?.array?.first
        #expect(patient?["what"]?["identifier"]?["value"] == "279035121518989")
        #expect(patient?["role"]?["code"] == "1")
    }
}

struct ATNATests {
    private func message(_ record: TraceRecord) throws -> XMLElement {
        let messages = TraceATNA.messages(record)
        let document = try XMLDocument(data: Data(try #require(messages.first)))
        return try #require(document.rootElement())
    }

    private func names(_ element: XMLElement) -> [String] { (element.children ?? []).compactMap(\.name) }

    @Test func loginIsAnAuditMessage() throws {
        let root = try message(try record(.sessionOpened, .granted, login))
        #expect(root.name == "AuditMessage")
        #expect(
            names(root) == ["EventIdentification"] + [String](repeating: "ActiveParticipant", count: 3) + ["AuditSourceIdentification"]
                + [String](repeating: "ParticipantObjectIdentification", count: 3))
        let event = try #require(root.elements(forName: "EventIdentification").first)
        #expect(event.attribute(forName: "EventActionCode")?.stringValue == "E")
        #expect(event.attribute(forName: "EventOutcomeIndicator")?.stringValue == "0")
        #expect(event.attribute(forName: "EventDateTime")?.stringValue == "2026-03-01T08:00:00.500Z")
        #expect(names(event) == ["EventID", "EventTypeCode", "EventTypeCode", "PurposeOfUse"])
        #expect(event.elements(forName: "EventID").first?.attribute(forName: "csd-code")?.stringValue == "110114")
        #expect(event.elements(forName: "EventTypeCode").first?.attribute(forName: "csd-code")?.stringValue == "110122")
        let person = try #require(root.elements(forName: "ActiveParticipant").first)
        #expect(person.attribute(forName: "UserID")?.stringValue == "899900063480")
        #expect(person.attribute(forName: "UserIsRequestor")?.stringValue == "true")
    }

    @Test func degradedLoginIsTwoMessages() throws {
        #expect(TraceATNA.messages(try record(named: "session.opened", mode: "degraded")).count == 2)
    }

    @Test(arguments: ["a<b>&\"c'", "line\nline\ttab\rend", "bell\u{7} null\u{0} \u{FFFF}", "]]>"])
    func hostileTextStaysText(_ text: String) throws {
        let trace = try record(.loginRefused, .refused) {
            login(&$0)
            $0.actor = ["national_id": .string(text)]
            $0.code = text
        }
        let bytes = try #require(TraceATNA.messages(trace).first)
        #expect(!bytes.contains(0x0A))
        let root = try message(trace)
        let read = root.elements(forName: "ActiveParticipant").first?.attribute(forName: "UserID")?.stringValue
        let expected = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 9 || $0 == "\u{FFFF}" ? "\u{FFFD}" : $0 }))
        #expect(read == expected)
        #expect(
            root.elements(forName: "EventIdentification").first?.elements(forName: "EventOutcomeDescription").first?.stringValue == expected
        )
    }

    @Test func messageHoldsEverythingElseInItsDetails() throws {
        let root = try message(try record(.loginRefused, .refused) { $0.detail = ["why": "é"] })
        let details = root.elements(forName: "ParticipantObjectIdentification").flatMap { $0.elements(forName: "ParticipantObjectDetail") }
        let found = details.first { $0.attribute(forName: "type")?.stringValue == "detail" }?.attribute(forName: "value")?.stringValue
        #expect(found.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } == #"{"why":"é"}"#)
    }
}
