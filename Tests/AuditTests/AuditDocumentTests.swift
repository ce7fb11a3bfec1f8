import Audit
import Foundation
import Testing

struct AuditDocumentTests {
    /// The names in the first column of the tables of events.
    private func documented() throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Docs/Audit.md"), encoding: .utf8)
        let events = try #require(text.split(separator: "## Events")[1].split(separator: "\n## ").first)
        return events.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("| `") else { return nil }
            return line.dropFirst(3).split(separator: "`").first.map(String.init)
        }
    }

    @Test func documentAndEnumAgree() throws {
        let names = try documented()
        #expect(Set(names) == Set(TraceEvent.allCases.map(\.rawValue)))
        #expect(names.count == TraceEvent.allCases.count)
    }

    @Test func namesAreFamilyAndFact() {
        for event in TraceEvent.allCases {
            let parts = event.rawValue.split(separator: ".", omittingEmptySubsequences: false)
            #expect(parts.count == 2)
            #expect(parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 == "_" || ("a"..."z").contains($0) } })
        }
    }
}
