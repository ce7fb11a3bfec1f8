import APIContract
import Foundation
import Primitives
import Testing

/// `Docs/openapi.yaml`, where it repeats what the code says.
struct DescriptionTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func lines() throws -> [String] {
        try String(contentsOf: root.appending(path: "Docs/openapi.yaml"), encoding: .utf8).components(separatedBy: "\n")
    }

    @Test func versionIsTheOneThatStatusTells() throws {
        let line = try Self.lines().first { $0.hasPrefix("  version: ") }
        #expect(line == "  version: \(API.version)")
        #expect(API.prefix == "/v\(API.version.prefix { $0 != "." })")
    }

    @Test func pageOfVersionsEndsWithThisOne() throws {
        let page = try String(contentsOf: Self.root.appending(path: "Docs/API-versions.md"), encoding: .utf8)
        let program = try String(contentsOf: Self.root.appending(path: "Sources/Programs/cps-agentd/AgentVersion.swift"), encoding: .utf8)
        let product = try #require(program.firstMatch(of: /static let current = "([^"]+)"/)).1
        let rows = page.matches(of: /\| (\d+\.\d+\.\d+) \| (\d+\.\d+\.\d+) \|/)
        #expect(rows.last.map { [$0.1, $0.2] } == [product, Substring(API.version)])
    }

    @Test func errorCodesAreThoseOfTheList() throws {
        let lines = try Self.lines()
        let start = try #require(lines.firstIndex(of: "    ErrorCode:"))
        let codes = lines[start...].drop { $0 != "      enum:" }.dropFirst().prefix { $0.hasPrefix("        - ") }.map { $0.dropFirst(10) }
        #expect(codes.map(String.init) == ErrorCode.allCases.map(\.rawValue))
    }

    @Test func operationsAreTheRoutesThatAreServed() throws {
        var described: Set<String> = []
        var path = ""
        for line in try Self.lines() {
            if let match = line.wholeMatch(of: /\ {2}(\/[^:]*):/) {
                path = String(match.1).replacing(/\{(\w+)\}/) { ":\($0.1)" }
            } else if let match = line.wholeMatch(of: /\ {4}(get|post|put|delete):/) {
                described.insert("\(match.1) \(path)")
            }
        }
        let folder = Self.root.appending(path: "Sources/Doors/LocalAPI")
        var served: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /group\.(get|post|put|delete)\("([^"]+)"\)/) { served.insert("\(match.1) /\(match.2)") }
        }
        #expect(!served.isEmpty)
        #expect(described == served)
    }

    @Test func operationsHaveNamesOfTheirOwn() throws {
        let names = try Self.lines().filter { $0.contains("operationId: ") }
        #expect(!names.isEmpty)
        #expect(Set(names).count == names.count)
    }
}
