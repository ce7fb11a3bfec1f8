import APIContract
import Foundation
import Primitives
import Testing

@testable import Commands

/// No name of the wire is left for people to read, in either language: neither those of `Docs/openapi.yaml` nor the others.
struct StateSentenceTests {
    typealias Words = @Sendable (String) -> Text

    /// - Parameters:
    ///   - place: a line of the description after which the names stand.
    ///   - member: the key whose names they are.
    @Test(
        arguments: [
            ("    RevocationFreshness:", "status", StateSentence.revocation), ("    Authority:", "warnings", TrustSentence.warning),
            ("    Monitoring:", "enum", StateSentence.monitoring), ("    CardState:", "enum", CardSentence.state),
            ("    Generation:", "enum", CardSentence.generation), ("    Status:", "health", StateSentence.health),
            ("    Status:", "environment", StateSentence.environment), ("            forward:", "state", StateSentence.forward),
            ("    Reader:", "kind", CardSentence.readerKind), ("    DataObjects:", "access", CardSentence.access),
            ("    Emergency:", "mode", SessionSentence.mode), ("    Login:", "state", WatchSentence.attempt),
            ("    Pairing:", "state", WatchSentence.attempt), ("    LostCard:", "cause", CardSentence.lossCause),
            ("        degraded_since_last_login:", "kind", DegradedSentence.kind), ("    Session:", "state", SessionSentence.state),
            ("    Session:", "mode", SessionSentence.mode), ("    Session:", "end_reason", SessionSentence.end),
            ("    Account:", "state", AccountSentence.state), ("      operationId: listLogKeys", "cause", Sentence.keyCause),
            ("        - name: outcome", "schema", Sentence.outcome),
        ] as [(String, String, Words)])
    func everyNameOfTheDescriptionHasWords(_ place: String, _ member: String, _ sentence: Words) throws {
        try Self.check(try Self.names(of: member, after: place), sentence)
    }

    /// Names that the description tells of in its texts alone, and codes that come with the agent.
    @Test(
        arguments: [
            (
                ["state", "reader", "card", "login", "session", "token_revoked", "break_glass", "mobile", "monitoring", "gap"],
                WatchSentence.kind
            ),
            (["closed", "connection_lost", "session_gone"], SessionSentence.end), (["L", "S", "B"], SessionSentence.practice),
            (["approved", "denied", "awaiting_password"], WatchSentence.attempt), (["unknown"], CardSentence.left),
            (["unknown"], EmergencySentence.patient),
            (
                [
                    "card_lost", "card_forgotten", "card_stolen", "card_broken", "pin_blocked", "reader_broken", "certificate_expired",
                ], ReasonSentence.absence
            ),
            (["vital_emergency", "patient_unable", "continuity_of_care", "centre_15"], ReasonSentence.emergency),
        ] as [([String], Words)])
    func everyOtherNameHasWords(_ names: [String], _ sentence: Words) throws { try Self.check(names, sentence) }

    @Test func reasonsAreKnownWithoutTheirKind() {
        #expect(ReasonSentence.any("card_removed") == SessionSentence.end("card_removed"))
        #expect(ReasonSentence.any("card_forgotten") == ReasonSentence.absence("card_forgotten"))
        #expect(ReasonSentence.any("centre_15") == ReasonSentence.emergency("centre_15"))
        #expect(ReasonSentence.any("stolen") == CardSentence.lossCause("stolen"))
        #expect(ReasonSentence.any("maison_42") == Text("maison_42", "maison_42"))
    }

    /// Beside those that are told apart from the others.
    @Test func everyMemberOfAProblemHasWords() throws {
        let lines = try Self.description()
        let start = try #require(lines.lastIndex(of: "    Problem:"))
        let members = lines[start...].drop { $0 != "      properties:" }.dropFirst().prefix { !$0.hasPrefix("    ErrorCode") }
            .compactMap { $0.wholeMatch(of: /\ {8}(\w+):.*/).map { String($0.1) } }
        #expect(members.contains("tries_left") && members.contains("first_bad"))
        for name in members where !Problem.common.contains(name) {
            #expect(ProblemSentence.label(name) != Text(name), "\(name)")
        }
    }

    /// Words that both languages share.
    private static let shared: Set<String> = ["CPS3", "CPS4", "USB", "session"]

    private static func check(_ names: [String], _ sentence: Words) throws {
        try #require(!names.isEmpty)
        for name in names {
            let text = sentence(name)
            #expect(text.french != text.english || shared.contains(text.french), "\(name)")
            #expect(text.french != name || shared.contains(name), "\(name)")
            #expect(!text.french.contains("_") && !text.english.contains("_"), "\(name)")
        }
        #expect(Set(names.map { sentence($0) }).count == names.count)
        #expect(sentence("of_a_later_agent") == Text("of_a_later_agent", "of_a_later_agent"))
    }

    /// The first list of names at or below `member`, after the line `place`.
    private static func names(of member: String, after place: String) throws -> [String] {
        let lines = try description()
        let start = try #require(lines.firstIndex(of: place), "\(place)")
        let first = try #require(lines[start...].firstIndex { $0.drop { $0 == " " }.hasPrefix("\(member):") }, "\(place) \(member)")
        let list = try #require(lines[first...].firstIndex { $0.contains("enum:") })
        if let inline = lines[list].firstMatch(of: /enum: \[([^\]]*)\]/) {
            return inline.1.components(separatedBy: ", ").filter { $0 != "null" }
        }
        let items = lines[(list + 1)...].map { $0.drop { $0 == " " } }.prefix { $0.hasPrefix("- ") }
        return items.map { String($0.dropFirst(2)) }.filter { $0 != "null" }
    }

    private static func description() throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Docs/openapi.yaml"), encoding: .utf8).components(separatedBy: "\n")
    }
}
